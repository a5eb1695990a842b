// Memory that programs share with MemFs, and what MemFs makes of whatever is in it.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.MemFs.Staging;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;
using Tests.Loopback;
using Tests.Unit.Servers.MemFs.Vaults;

namespace Tests.Unit.Servers.MemFs;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StagedFilesTests
{
    private const int Chunks = 16_384;
    private const OpenMode Both = OpenMode.Read | OpenMode.Write | OpenMode.Create;

    private readonly HeapVaultMemory _vault = TestVault.Memory(Chunks);
    private readonly LoopbackMachine _machine = new();
    private readonly LoopbackServer _server;
    private readonly LoopbackKernel _client;
    private readonly FileSystemClient _root;

    public StagedFilesTests()
    {
        _server = _machine.Serve("memfs", Make);
        _client = _machine.CreateTask("client");
        _root = new FileSystemClient(_client, _server.Connect(_client, OpenObjects.RootBadge));
    }

    private MemFsServer Make(TaskContext task)
    {
        MemFsServer server = new(
            TestVault.Options(Chunks), () => 1, new MemVault(_vault, TestVault.Options(Chunks)));
        server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
        return server;
    }

    private void Restart()
    {
        _server.Kill();
        _server.Restart(Make);
    }

    [Test]
    public void Whatever_is_in_the_memory_spoils_no_other_file_and_not_the_vault()
    {
        FileSystemClient other = Open("other");
        other.Write(0, new byte[5_000]);
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            FileSystemClient file = Open($"f{seed % 7}");
            FileSystemClient staged = Stage(file, out SharedPages pages);
            Spoil(pages, random);
            if (random.Next(2) == 0) staged.Settle();
            Spoil(pages, random);
            if (random.Next(4) == 0) Restart();
            ulong lengthBytes = file.StatFile().Value.LengthBytes;
            Assert.That(lengthBytes, Is.LessThan(8 << 20));
            Assert.That(_root.Stat("other").Value.LengthBytes, Is.EqualTo(5_000));
            Close(staged);
            Close(file);
            pages.Dispose();
        }
        Check();
    }

    /// <summary>Numbers that are good, nearly good, or anything.</summary>
    private static void Spoil(SharedPages pages, Random random)
    {
        for (int word = 0; word < SharedWords.Count; word++)
        {
            pages.Word(word) = random.Next(6) switch
            {
                0 => (ulong)random.NextInt64(),
                1 => (ulong)random.NextInt64(70_000) | (ulong)random.NextInt64(70_000) << 32,
                _ => (ulong)random.NextInt64(6_000) | (ulong)random.NextInt64(5_000) << 32,
            };
            if (word > 0 && word % 2 == 0) pages.Word(word) &= 0xF_FFFF;
        }
        pages.Word(0) = random.Next(4) == 0 ? ulong.MaxValue : (ulong)random.Next(300);
    }

    [Test]
    public void All_that_fits_takes_no_more_of_the_volume_than_was_reserved()
    {
        FileSystemClient file = Open("f");
        file.SetLength(FileBytes.MaxBytes);
        FileSystemClient staged = Stage(file, out StagingArea area);
        ulong used = _root.DescribeVolume().Value.UsedBytes;
        // Each over the seam of two subtrees that nobody has written to.
        int lengthBytes = StagingArea.RoomBytes / StagingArea.MaxPlaces;
        for (int i = 0; i < StagingArea.MaxPlaces; i++)
        {
            ulong seam = (ulong)(i + 1) << 36;
            StagedWrite write = new(seam - (ulong)lengthBytes / 2, i * lengthBytes, lengthBytes);
            Assert.That(area.TryAdd(i, write, new byte[lengthBytes], 1));
        }
        Assert.That(staged.Settle(), Is.EqualTo(Status.Ok));
        ulong taken = (_root.DescribeVolume().Value.UsedBytes - used) / ChunkStore.ChunkBytes;
        TestContext.Out.WriteLine($"{taken} chunks of {StagedFiles.ReservedChunks}");
        Assert.That(taken, Is.GreaterThan(64).And.LessThanOrEqualTo(StagedFiles.ReservedChunks));
    }

    [Test]
    public void Writes_after_a_gap_or_in_too_many_places_are_nobodys()
    {
        FileSystemClient file = Open("f");
        file.Write(0, new byte[1000]);
        Stage(file, out StagingArea area);
        int number = 0;
        for (; number <= StagingArea.MaxPlaces; number++)
            area.TryAdd(number, new StagedWrite((ulong)(900 - 50 * number), number, 1), "x"u8, 1);
        byte[] read = new byte[1000];
        file.Read(0, read);
        Assert.That(read.Count(one => one == 'x'), Is.EqualTo(StagingArea.MaxPlaces));
        Stage(file, out area);
        area.TryAdd(0, new StagedWrite(1001, 0, 1), "x"u8, 1);
        Assert.That(file.StatFile().Value.LengthBytes, Is.EqualTo(1000));
    }

    [Test]
    public void Memory_that_is_none_or_too_small_is_refused_and_not_kept()
    {
        FileSystemClient file = Open("f");
        int before = _machine.CountCapabilities(_server.Kernel);
        Handle small = _client.MemoryCreate(StagingArea.LengthBytes - Limits.PageBytes).Value;
        Assert.That(Refusal(file, small), Is.EqualTo(Status.BadArgument));
        Handle readOnly = _client.Copy(
            _client.MemoryCreate(StagingArea.LengthBytes).Value, Rights.Read | Rights.Pass).Value;
        Assert.That(Refusal(file, readOnly), Is.EqualTo(Status.NoRight));
        Assert.That(Refusal(file, file.Endpoint), Is.EqualTo(Status.WrongType));
        Handle good = _client.MemoryCreate(StagingArea.LengthBytes).Value;
        FileSystemClient reader = new(_client, _root.Open("f", OpenMode.Read).Value.File.Handle);
        Assert.That(Refusal(reader, good), Is.EqualTo(Status.NoRight));
        Assert.That(Refusal(_root, good), Is.EqualTo(Status.IsDirectory));
        Close(reader);
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
        Assert.That(file.Settle(), Is.EqualTo(Status.NotFound));

        static Status Refusal(FileSystemClient file, Handle memory) =>
            file.Stage(new Capability(memory)).Status;
    }

    [Test]
    public void So_many_files_are_staged_and_no_more_and_each_end_makes_room()
    {
        List<FileSystemClient> staged = [];
        for (int i = 0; i < StagingTable.Records; i++)
            staged.Add(Stage(Open($"f{i}"), out StagingArea _));
        FileSystemClient last = Open("last");
        Capability memory = new(_client.MemoryCreate(StagingArea.LengthBytes).Value);
        Assert.That(last.Stage(memory).Status, Is.EqualTo(Status.QuotaExceeded));
        Close(staged[17]);
        Assert.That(last.Stage(memory).Status, Is.EqualTo(Status.Ok));
        Restart();
        Assert.That(staged[3].Settle(), Is.EqualTo(Status.Ok));
        Assert.That(staged[17].Settle(), Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Who_loses_the_file_loses_what_was_staged_through_it_and_what_was_there_is_taken()
    {
        LoopbackKernel lender = _machine.CreateTask("lender");
        Handle lent = _server.Connect(lender, OpenObjects.RootBadge, Rights.Use | Rights.Revoke);
        FileSystemClient theirs = new(lender, lent);
        FileSystemClient file = new(
            _client, lender.Give(theirs.Open("f", Both).Value.File.Handle, _client));
        FileSystemClient staged = Stage(file, out StagingArea area);
        area.TryAdd(0, new StagedWrite(0, 0, 4), "good"u8, 1);
        lender.Revoke(lent);
        Assert.That(staged.Settle(), Is.EqualTo(Status.Revoked));
        Assert.That(_root.Stat("f").Value.LengthBytes, Is.EqualTo(4));
        Assert.That(area.TryAdd(1, new StagedWrite(4, 4, 4), "late"u8, 1), Is.False);
        Assert.That(_root.Stat("f").Value.LengthBytes, Is.EqualTo(4));
    }

    [Test]
    public void Server_without_memory_for_now_says_so_and_loses_nothing()
    {
        FileSystemClient file = Open("f");
        FileSystemClient staged = Stage(file, out StagingArea area);
        area.TryAdd(0, new StagedWrite(0, 0, 4), "good"u8, 1);
        Restart();
        _machine.IsOutOfMemory = true;
        Assert.That(_root.Stat("f").Status, Is.EqualTo(Status.NoMemory));
        Assert.That(file.Read(0, new byte[9]).Status, Is.EqualTo(Status.NoMemory));
        Assert.That(staged.Settle(), Is.EqualTo(Status.NoMemory));
        Close(staged);
        _machine.IsOutOfMemory = false;
        Assert.That(file.Read(0, new byte[9]).Value, Is.EqualTo(4));
        Assert.That(area.TryAdd(1, new StagedWrite(4, 4, 1), "x"u8, 1), Is.False);
    }

    [Test]
    public void What_a_server_finds_of_holders_that_are_gone_ends_after_its_start()
    {
        FileSystemClient staged = Stage(Open("f"), out StagingArea area);
        area.TryAdd(0, new StagedWrite(0, 0, 4), "good"u8, 1);
        _server.Kill();
        _client.Close(staged.Endpoint);
        // It serves another endpoint, which owes nothing.
        LoopbackServer next = _machine.Serve("next", task =>
        {
            GiveMemory((LoopbackKernel)task.Kernel);
            return Make(task);
        });
        _machine.Advance(1_000_000_000);
        Assert.That(area.TryAdd(1, new StagedWrite(4, 4, 1), "x"u8, 1), Is.False);
        FileSystemClient root = new(_client, next.Connect(_client, OpenObjects.RootBadge));
        Assert.That(root.Stat("f").Value.LengthBytes, Is.EqualTo(4));
    }

    /// <summary>As the kernel does, which gives a process the handles of its vault.</summary>
    private void GiveMemory(LoopbackKernel server)
    {
        MemVault vault = new(_vault, TestVault.Options(Chunks));
        StagingTable table = new(vault.Log);
        (Badge badge, Handle memory) = table.Read(0);
        table.Add(0, badge, _server.Kernel.Give(memory, server));
        vault.Commit();
    }

    private FileSystemClient Open(string path) =>
        new(_client, _root.Open(path, Both).Value.File.Handle);

    private FileSystemClient Stage(FileSystemClient file, out StagingArea area)
    {
        Handle memory = _client.MemoryCreate(StagingArea.LengthBytes).Value;
        area = StagingArea.Map(_client, memory).Value;
        return Stage(file, memory);
    }

    private FileSystemClient Stage(FileSystemClient file, out SharedPages pages)
    {
        Handle memory = _client.MemoryCreate(StagingArea.LengthBytes).Value;
        pages = SharedPages.Map(
            _client, memory, StagingArea.LengthBytes / Limits.PageBytes,
            Rights.Read | Rights.Write).Value;
        return Stage(file, memory);
    }

    private FileSystemClient Stage(FileSystemClient file, Handle memory)
    {
        Result<StagedFile> staged = file.Stage(new Capability(memory));
        Assert.That(staged.Status, Is.EqualTo(Status.Ok));
        return new FileSystemClient(_client, staged.Value.File.Handle);
    }

    private void Close(FileSystemClient file)
    {
        _client.Close(file.Endpoint);
        // The server hears of it with the next request.
        _root.SyncAll();
    }

    private void Check()
    {
        MemVault vault = new(_vault, TestVault.Options(Chunks));
        new VaultCheck(vault, new MemTree(vault, () => 1)).Run();
    }
}

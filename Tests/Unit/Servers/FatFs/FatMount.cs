// FatFs on a loopback machine, over a disk and a vault that outlive it, and a client with its root.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NUnit.Framework;
using Servers.FatFs;
using Servers.FatFs.Checking;
using Servers.FatFs.Keeping;
using Servers.FatFs.Trees;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.FatFs;

internal sealed class FatMount
{
    public const OpenMode Both = OpenMode.Read | OpenMode.Write;
    public const ulong NowNs = 1_000_000_000_000_000_000;
    private const ulong SecondNs = 1_000_000_000;

    private readonly Access _access;
    private readonly LoopbackServer _server;
    private IDisk _disk;

    public FatMount(IDisk disk, IVaultMemory? memory = null, Access access = Access.ReadWrite)
    {
        _disk = disk;
        _access = access;
        Memory = memory ?? new HeapVaultMemory(FatFsVault.VaultBytes);
        _server = Machine.Serve("fat", Make);
        Client = Machine.CreateTask("client");
        Root = Connect(Client);
    }

    public LoopbackMachine Machine { get; } = new();
    public LoopbackKernel Client { get; }
    public FileSystemClient Root { get; }
    public IVaultMemory Memory { get; private set; }
    public FatFsServer Current { get; private set; } = null!;
    /// <summary>What it has told the supervisor of bytes that are not written yet.</summary>
    public List<ulong> Unwritten { get; } = [];
    /// <summary>What the server has said in the log.</summary>
    public string Log => string.Join('\n', Machine.LogLines);

    /// <summary>The vault's bytes for the next start, if one dies.</summary>
    public IVaultMemory? Spare { get; set; }

    /// <summary>Called when the server has died at its vault or its disk.</summary>
    public Action? Died { get; set; }

    public FileSystemClient Connect(LoopbackKernel client) =>
        new(client, _server.Connect(client, OpenObjects.RootBadge));

    public void Kill() => _server.Kill();

    /// <summary>As the supervisor does when the mount is gone.</summary>
    public void Retire() => _server.Signal(ControlBits.Retire);

    /// <summary>The next incarnation, perhaps with another way to the same bytes.</summary>
    public void Restart(IDisk? disk = null, IVaultMemory? memory = null)
    {
        _disk = disk ?? _disk;
        Memory = memory ?? Memory;
        Machine.Advance(1000);
        _server.Restart(Make);
    }

    /// <summary>Time passes, so that dirty blocks go to the disk.</summary>
    public void Idle() => Machine.Advance(10 * SecondNs);

    public FileSystemClient Open(string path, OpenMode mode)
    {
        Result<OpenedFile> opened = Root.Open(path, mode);
        Assert.That(opened.Status, Is.EqualTo(Status.Ok), $"open {path}");
        return new FileSystemClient(Client, opened.Value.File.Handle);
    }

    public void Close(FileSystemClient file) => Client.Close(file.Endpoint);

    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        FileSystemClient file = Open(path, Both | OpenMode.Create | OpenMode.Truncate);
        for (int done = 0; done < bytes.Length;)
        {
            int count = Math.Min(bytes.Length - done, Limits.MaxWriteBytes);
            Status status = file.Write((ulong)done, bytes.Slice(done, count)).Status;
            Assert.That(status, Is.EqualTo(Status.Ok), $"write {path}");
            done += count;
        }
        Close(file);
    }

    public byte[] Read(string path)
    {
        FileSystemClient file = Open(path, OpenMode.Read);
        byte[] bytes = new byte[file.StatFile().Value.LengthBytes];
        Result<uint> read = file.Read(0, bytes);
        Assert.That(read, Is.EqualTo(new Result<uint>(Status.Ok, (uint)bytes.Length)), path);
        Close(file);
        return bytes;
    }

    public List<string> Names(string path)
    {
        List<string> names = [];
        byte[] buffer = new byte[16 * 1024];
        ulong cookie = 0;
        do
        {
            Result<ListedEntries> listed = Root.List(path, cookie, buffer);
            Assert.That(listed.Status, Is.EqualTo(Status.Ok), $"list {path}");
            EntryReader reader = new(buffer.AsSpan(0, (int)listed.Value.LengthBytes));
            while (reader.TryRead(out _, out string name)) names.Add(name);
            cookie = listed.Value.NextCookie;
        }
        while (cookie != 0);
        return names;
    }

    /// <summary>Names that a directory has twice, as FAT sees it.</summary>
    public List<string> Twins(string path = "")
    {
        List<string> names = Names(path);
        List<string> twins = [.. names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1).Select(group => group.Key)];
        foreach (string name in names)
        {
            string full = path.Length == 0 ? name : $"{path}/{name}";
            if (Root.Stat(full).Value.Type == FileType.Directory) twins.AddRange(Twins(full));
        }
        return twins;
    }

    /// <summary>The whole tree as text, with a hash of each file's bytes.</summary>
    public string Dump(string path = "")
    {
        StringBuilder text = new();
        foreach (string name in Names(path).Order(StringComparer.Ordinal))
        {
            string full = path.Length == 0 ? name : $"{path}/{name}";
            bool isFile = Root.Stat(full).Value.Type == FileType.File;
            text.Append(isFile ? $"{full}={Hash(Read(full))}\n" : $"{full}/\n{Dump(full)}");
        }
        return text.ToString();
    }

    private static string Hash(byte[] bytes) =>
        $"{bytes.Length}:{bytes.Aggregate(17, (sum, one) => unchecked(sum * 31 + one)):x}";

    private IServer Make(TaskContext task)
    {
        try
        {
            Start(task);
        }
        catch (VaultDeath) when (Spare is not null)
        {
            // It has died before its first request; the one after it finds the same bytes.
            Memory = Spare;
            Start(task);
        }
        return new MortalServer(Current, () => Died?.Invoke());
    }

    private void Start(TaskContext task)
    {
        OpenedVolume opened = VolumeOpening.Open(_disk, Memory, _access, task.Log);
        Current = new FatFsServer(
            opened, new ServerClocks(() => NowNs, () => task.NowNs), task.Log, Unwritten.Add);
        Current.Reconcile(task.Kernel, task.Claim("endpoint"));
    }
}

// Reads that need no server, and that nobody can tell from those that do.

using System;
using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;

namespace Tests.Unit.Shared.Sdk.Files;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReadCacheTests
{
    private const OpenMode Both = OpenMode.Read | OpenMode.Write | OpenMode.Create;
    private const int PartBytes = 4096;

    private readonly CountedMount _mount = new();
    private readonly byte[] _part = new byte[PartBytes];
    private FileApi Files => _mount.Files;

    [Test]
    public void What_is_read_again_is_asked_for_twice_and_once_more_to_be_kept()
    {
        Files.WriteAll("/f", Pattern(PartBytes, 1));
        using RemoteFile file = Open("/f");
        for (int i = 0; i < 10; i++) Assert.That(Read(file, 0), Is.EqualTo(Pattern(PartBytes, 1)));
        Assert.That((_mount.Reads, _mount.Watches), Is.EqualTo((3, 1)));
    }

    [Test]
    public void Who_reads_on_has_it_ahead_and_sees_the_end()
    {
        byte[] content = Pattern(100_000, 2);
        Files.WriteAll("/f", content);
        using RemoteFile file = Open("/f");
        for (int offset = 0; offset <= content.Length; offset += 1000)
        {
            byte[] expected = content[offset..Math.Min(content.Length, offset + 1000)];
            Assert.That(Read(file, offset, 1000), Is.EqualTo(expected));
        }
        // Two as they come, 98 kB ahead, and one after the end.
        Assert.That(_mount.Reads, Is.InRange(9, 10));
    }

    [Test]
    public void Who_reads_here_and_there_asks_for_no_words()
    {
        Files.WriteAll("/f", Pattern(100_000, 3));
        using RemoteFile file = Open("/f");
        Random random = new(1);
        for (int i = 0; i < 50; i++) Read(file, random.Next(90_000));
        Assert.That((_mount.Reads, _mount.Watches), Is.EqualTo((50, 0)));
    }

    [Test]
    public void Change_is_seen_by_the_next_read_whoever_makes_it()
    {
        using RemoteFile reader = Open("/f"), writer = Open("/f");
        writer.Write(Pattern(PartBytes, 1));
        for (int i = 0; i < 4; i++) Read(reader, 0);
        writer.Offset = 10;
        writer.Write("changed"u8);
        Assert.That(Read(reader, 0)[10..17], Is.EqualTo("changed"u8.ToArray()));
        writer.SetLength(5);
        Assert.That(Read(reader, 0), Has.Length.EqualTo(5));
        for (int i = 0; i < 4; i++) Read(reader, 5);
        writer.Append("more"u8);
        Assert.That(Read(reader, 5), Is.EqualTo("more"u8.ToArray()));
        for (int i = 0; i < 4; i++) Read(reader, 0);
        Files.Open("/f", OpenMode.Write | OpenMode.Truncate).Value.Dispose();
        Assert.That(Read(reader, 0), Is.Empty);
        int before = _mount.Reads;
        for (int i = 0; i < 4; i++) Assert.That(Read(reader, 0), Is.Empty);
        Assert.That(_mount.Reads, Is.EqualTo(before));
    }

    [Test]
    public void Reads_and_changes_at_random_answer_as_a_plain_array()
    {
        for (int seed = 0; seed < 40; seed++) PlayAtRandom(new Random(seed), $"/f{seed}");
        Assert.That(_mount.Reads, Is.LessThan(40 * 400 / 2));
    }

    private void PlayAtRandom(Random random, string path)
    {
        byte[] model = [];
        using RemoteFile reader = Open(path), writer = Open(path);
        ulong offset = 0;
        for (int step = 0; step < 500; step++)
        {
            if (random.Next(10) == 0)
            {
                int at = random.Next(30_000);
                byte[] bytes = Pattern(random.Next(1, 9_000), step);
                if (at + bytes.Length > model.Length) Array.Resize(ref model, at + bytes.Length);
                bytes.CopyTo(model, at);
                writer.Offset = (ulong)at;
                Assert.That(writer.Write(bytes).IsOk);
            }
            else if (random.Next(40) == 0)
            {
                Array.Resize(ref model, random.Next(40_000));
                Assert.That(writer.SetLength((ulong)model.Length), Is.EqualTo(Status.Ok));
            }
            else if (random.Next(40) == 0)
            {
                _mount.Words.NoteServer();
            }
            if (random.Next(8) == 0) offset = (ulong)random.Next(40_000);
            byte[] expected = [.. model.Skip((int)offset).Take(1_000)];
            Assert.That(Read(reader, (int)offset, 1_000), Is.EqualTo(expected), $"step {step}");
            if (random.Next(2) == 0) offset += (ulong)expected.Length;
        }
    }

    [Test]
    public void Another_process_that_serves_is_asked_anew()
    {
        Files.WriteAll("/f", Pattern(PartBytes, 1));
        using RemoteFile file = Open("/f");
        for (int i = 0; i < 5; i++) Read(file, 0);
        _mount.Words.NoteServer();
        for (int i = 0; i < 5; i++) Read(file, 0);
        Assert.That((_mount.Reads, _mount.Watches), Is.EqualTo((4, 2)));
    }

    [Test]
    public void Mount_that_is_gone_is_seen_by_the_next_read()
    {
        Files.WriteAll("/f", Pattern(PartBytes, 1));
        using RemoteFile file = Open("/f");
        for (int i = 0; i < 5; i++) Read(file, 0);
        _mount.Host.Kill();
        _mount.Host.Owner.Revoke(_mount.Host.OwnerEndpoint);
        _mount.Words.NoteChange();
        Assert.That(file.Read(_part).Status, Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Bytes_are_read_as_ever_when_the_server_has_no_words_or_wrong_ones()
    {
        Files.WriteAll("/f", Pattern(PartBytes, 1));
        ulong page = _mount.Host.Kernel.MemoryCreate(Limits.PageBytes).Value.Value;
        Result<WatchedFile>[] answers =
        [
            Status.NotSupported, Status.IoError,
            new WatchedFile(new Capability(new Handle(page)), SharedWords.Count),
            new WatchedFile(default, 0),
        ];
        foreach (Result<WatchedFile> answer in answers)
        {
            _mount.Watched = request => request.Answer(answer);
            using RemoteFile file = Open("/f");
            int before = _mount.Watches;
            for (int i = 0; i < 8; i++)
                Assert.That(Read(file, 0), Is.EqualTo(Pattern(PartBytes, 1)));
            Assert.That(_mount.Watches, Is.EqualTo(before + 1));
        }
    }

    [Test]
    public void Closed_file_is_read_no_more_and_nothing_is_left_of_it()
    {
        Files.WriteAll("/f", Pattern(PartBytes, 1));
        int handles = _mount.Machine.CountCapabilities(_mount.Client);
        RemoteFile file = Open("/f");
        for (int i = 0; i < 5; i++) Read(file, 0);
        file.Dispose();
        Assert.That(_mount.Machine.CountCapabilities(_mount.Client), Is.EqualTo(handles));
        Assert.That(file.Read(_part).Status, Is.EqualTo(Status.BadHandle));
        RemoteFile late = Open("/f");
        for (int i = 0; i < 5; i++) Read(late, 0);
        Files.Dispose();
        int before = _mount.Reads;
        Assert.That(Read(late, 0), Is.EqualTo(Pattern(PartBytes, 1)));
        Assert.That(_mount.Reads, Is.EqualTo(before + 1));
        late.Dispose();
    }

    private RemoteFile Open(string path) => Files.Open(path, Both).Value;

    private byte[] Read(RemoteFile file, int offset, int wanted = PartBytes)
    {
        file.Offset = (ulong)offset;
        Result<uint> read = file.Read(_part.AsSpan(0, wanted));
        Assert.That(read.Status, Is.EqualTo(Status.Ok));
        return _part[..(int)read.Value];
    }

    private static byte[] Pattern(int lengthBytes, int seed)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

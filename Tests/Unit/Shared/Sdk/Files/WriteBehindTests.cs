// Writes that need no server, and that nobody can tell from those that do.

using System;
using System.Linq;
using NUnit.Framework;
using Servers.MemFs;
using Servers.MemFs.Staging;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Files.Keeping;

namespace Tests.Unit.Shared.Sdk.Files;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WriteBehindTests
{
    private const OpenMode Both = OpenMode.Read | OpenMode.Write | OpenMode.Create;
    private const OpenMode Appending = OpenMode.Write | OpenMode.Create | OpenMode.Append;
    private const int CallsBefore = 8;
    private const int MostBytes = 4 << 20;

    private readonly CountedMount _mount = new();
    private FileApi Files => _mount.Files;

    [Test]
    public void Who_writes_little_again_and_again_makes_a_call_for_each_fill()
    {
        using RemoteFile file = Open("/f");
        byte[] content = WriteLines(file, 2_000, 100);
        Assert.That(
            (_mount.Writes, _mount.Stages), Is.EqualTo((CallsBefore, 1)));
        Assert.That(_mount.Settles, Is.EqualTo(1_992 / StagingArea.MaxWrites));
        Assert.That(Others("/f"), Is.EqualTo(content));
    }

    [TestCase(1, 3)]
    [TestCase(100, 16)]
    [TestCase(4096, 1)]
    [TestCase(8192, 2)]
    public void Bytes_are_those_that_were_written_and_each_is_seen_at_once(int each, int every)
    {
        using RemoteFile file = Open("/f");
        using FileApi other = _mount.NewClient();
        for (int i = 1; i <= 70; i++)
        {
            Write(file, Pattern(each, i));
            if (i % every != 0) continue;
            Assert.That(other.Stat("/f").Value.LengthBytes, Is.EqualTo(i * each));
        }
        byte[] expected = [.. Enumerable.Range(1, 70).SelectMany(i => Pattern(each, i))];
        Assert.That(other.ReadAll("/f", MostBytes).Value, Is.EqualTo(expected));
    }

    [Test]
    public void Length_and_time_are_seen_by_whoever_asks_in_whatever_way()
    {
        using RemoteFile file = Open("/f");
        using FileApi other = _mount.NewClient();
        using RemoteFile theirs = other.Open("/f", OpenMode.Read).Value;
        WriteLines(file, 20, 100);
        Func<ulong>[] lengths =
        [
            () => other.Stat("/f").Value.LengthBytes, () => theirs.Stat().Value.LengthBytes,
            () => other.List("/").Value.Single().LengthBytes,
            () => other.Open("/f", OpenMode.Read).Value.OpenedLengthBytes!.Value,
            () => file.Stat().Value.LengthBytes,
        ];
        ulong expected = 2_000;
        foreach (Func<ulong> length in lengths)
        {
            _mount.Machine.Advance(50 * MsNs);
            ulong writtenNs = CountedMount.BootedNs + _mount.Machine.NowNs;
            for (int i = 0; i < 3; i++) Write(file, Pattern(50, i));
            _mount.Machine.Advance(70 * MsNs);
            Assert.That(length(), Is.EqualTo(expected += 150));
            Assert.That(
                other.Stat("/f").Value.ModifiedNs, Is.InRange(writtenNs, writtenNs + MsNs));
        }
        ulong used = other.DescribeVolume("/").Value.UsedBytes;
        Write(file, Pattern(8_000, 1));
        Assert.That(other.DescribeVolume("/").Value.UsedBytes, Is.EqualTo(used + 3 * 4096));
        Assert.That((_mount.Writes, _mount.Stages), Is.EqualTo((CallsBefore, 1)));
    }

    [Test]
    public void Who_appends_is_told_the_end_and_others_append_behind_it()
    {
        using RemoteFile file = Files.Open("/f", Appending).Value;
        using RemoteFile theirs = Files.Open("/f", Appending).Value;
        for (int i = 1; i <= 40; i++)
        {
            file.Offset = 3;
            Write(file, Pattern(10, i));
            Assert.That(file.Append("more"u8).Value, Is.EqualTo(file.Offset + 4));
        }
        Assert.That(_mount.Stages, Is.EqualTo(1));
        Assert.That(theirs.Append("theirs"u8).Value, Is.EqualTo(40 * 14 + 6));
        Assert.That(file.Append("mine"u8).Value, Is.EqualTo(40 * 14 + 10));
        Assert.That(Others("/f")[^10..], Is.EqualTo("theirsmine"u8.ToArray()));
    }

    [Test]
    public void Reader_that_keeps_what_it_has_read_sees_each_write()
    {
        using RemoteFile file = Open("/f"), reader = Open("/f");
        byte[] part = new byte[100];
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 5; i++)
            {
                reader.Offset = 0;
                reader.Read(part);
            }
            for (int i = 0; i < 20; i++)
            {
                file.Offset = 0;
                Write(file, Pattern(100, round * 20 + i));
            }
            reader.Offset = 0;
            Assert.That(reader.Read(part).Value, Is.EqualTo(100));
            Assert.That(part, Is.EqualTo(Pattern(100, round * 20 + 19)), $"round {round}");
        }
        Assert.That(_mount.Stages, Is.GreaterThan(3));
    }

    [Test]
    public void Who_reads_and_writes_in_turn_comes_back_to_it_more_and_more_seldom()
    {
        using RemoteFile file = Open("/f");
        byte[] part = new byte[100];
        for (int i = 0; i < 4_000; i++)
        {
            file.Offset = 0;
            Write(file, Pattern(100, i));
            file.Offset = 0;
            file.Read(part);
            Assert.That(part, Is.EqualTo(Pattern(100, i)));
        }
        Assert.That(_mount.Stages, Is.InRange(2, 10));
    }

    [Test]
    public void Gaps_and_long_writes_are_calls_and_what_was_left_before_comes_first()
    {
        using RemoteFile file = Open("/f");
        byte[] lines = WriteLines(file, 20, 10);
        file.Offset = 100_000;
        Write(file, Pattern(10, 1));
        Assert.That(_mount.Writes, Is.EqualTo(CallsBefore + 1));
        file.Offset = 0;
        WriteLines(file, 100, 10);
        int before = _mount.Writes;
        file.Offset = 5;
        Write(file, Pattern(WriteBehind.MaxWriteBytes + 1, 2));
        Assert.That(_mount.Writes, Is.EqualTo(before + 1));
        byte[] read = Others("/f");
        Assert.That(read[..5], Is.EqualTo(lines[..5]));
        Assert.That(
            read[5..8198], Is.EqualTo(Pattern(WriteBehind.MaxWriteBytes + 1, 2)));
        Assert.That(read, Has.Length.EqualTo(100_010));
    }

    [Test]
    public void What_was_written_outlives_the_server_and_the_program()
    {
        RemoteFile file = Open("/f");
        byte[] first = WriteLines(file, 20, 100);
        _mount.Restart();
        byte[] second = WriteLines(file, 20, 100);
        Assert.That(_mount.Writes, Is.EqualTo(CallsBefore));
        _mount.Host.Kill();
        _mount.Client.Die();
        _mount.Restart();
        Assert.That(Others("/f"), Is.EqualTo((byte[])[.. first, .. second]));
        Assert.That(new StagingTable(_mount.OpenVault().Log).Used, Is.Zero);
    }

    [Test]
    public void Who_writes_here_and_there_makes_a_call_for_so_many_places()
    {
        using RemoteFile file = Open("/f");
        byte[] content = WriteLines(file, CallsBefore, 8_000);
        for (int i = 0; i < 5 * StagingArea.MaxPlaces; i++)
        {
            byte[] bytes = Pattern(10, i);
            int at = i * 500 % 60_000;
            bytes.CopyTo(content, at);
            file.Offset = (ulong)at;
            Write(file, bytes);
        }
        Assert.That((_mount.Writes, _mount.Settles), Is.EqualTo((CallsBefore, 4)));
        Assert.That(Others("/f"), Is.EqualTo(content));
    }

    [Test]
    public void Write_over_a_longer_one_leaves_its_rest()
    {
        using RemoteFile file = Open("/f");
        byte[] content = WriteLines(file, 20, 100);
        foreach (int length in (int[])[100, 100, 60, 30, 70])
        {
            byte[] bytes = Pattern(length, length + 1000);
            bytes.CopyTo(content, 0);
            file.Offset = 0;
            Write(file, bytes);
        }
        Assert.That(Others("/f"), Is.EqualTo(content));
    }

    [Test]
    public void Time_that_somebody_has_set_stays()
    {
        using RemoteFile file = Open("/f");
        WriteLines(file, 20, 100);
        FileSystemClient root = new(
            _mount.Client, _mount.Host.Connect(_mount.Client, OpenObjects.RootBadge));
        Assert.That(root.SetTime("f", 77), Is.EqualTo(Status.Ok));
        _mount.Restart();
        Assert.That(Files.Stat("/f").Value.ModifiedNs, Is.EqualTo(77));
    }

    [Test]
    public void Program_writes_on_while_its_server_is_dead()
    {
        using RemoteFile file = Open("/f");
        byte[] first = WriteLines(file, 20, 100);
        _mount.Host.Kill();
        byte[] second = WriteLines(file, 20, 100);
        _mount.Restart();
        Assert.That(Others("/f"), Is.EqualTo((byte[])[.. first, .. second]));
    }

    [Test]
    public void Mount_that_is_gone_is_seen_by_the_next_write()
    {
        using RemoteFile file = Open("/f");
        WriteLines(file, 20, 100);
        _mount.Host.Kill();
        _mount.Host.Owner.Revoke(_mount.Host.OwnerEndpoint);
        _mount.Words.NoteChange();
        Assert.That(file.Write("late"u8).Status, Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Deleted_file_is_written_on_and_leaves_nothing()
    {
        ulong used = Files.DescribeVolume("/").Value.UsedBytes;
        RemoteFile file = Open("/f");
        byte[] lines = WriteLines(file, 20, 1_000);
        Assert.That(Files.RemoveFile("/f"), Is.EqualTo(Status.Ok));
        lines = [.. lines, .. WriteLines(file, 20, 1_000)];
        file.Offset = 0;
        byte[] read = new byte[lines.Length];
        Assert.That(file.Read(read).Value, Is.EqualTo(read.Length));
        Assert.That(read, Is.EqualTo(lines));
        file.Dispose();
        Assert.That(Files.DescribeVolume("/").Value.UsedBytes, Is.EqualTo(used));
        Assert.That(_mount.Live, Is.Zero);
    }

    [TestCase(Status.NotSupported)]
    [TestCase(Status.NoSpace)]
    public void Server_that_takes_none_is_asked_seldom(Status refused)
    {
        _mount.Staged = request => request.Answer(refused);
        using RemoteFile file = Open("/f");
        byte[] content = WriteLines(file, 2_000, 10);
        Assert.That(_mount.Writes, Is.EqualTo(2_000));
        Assert.That(_mount.Stages, Is.InRange(1, 8));
        Assert.That(Others("/f"), Is.EqualTo(content));
    }

    [Test]
    public void Volume_is_full_at_the_same_byte_as_ever()
    {
        const int Each = 3_000;
        CountedMount small = new(1 << 20);
        int plain = Fill(small, "/plain");
        small.Files.RemoveFile("/plain");
        CountedMount other = new(1 << 20)
        {
            Staged = request => request.Answer(Status.NotSupported),
        };
        Assert.That(Fill(other, "/f"), Is.EqualTo(plain));
        Assert.That(small.Stages, Is.GreaterThan(0));

        static int Fill(CountedMount mount, string path)
        {
            using RemoteFile file = mount.Files.Open(path, Both).Value;
            int count = 0;
            for (; file.Write(Pattern(Each, count)) is { IsOk: true }; count++) { }
            Result<byte[]> read = mount.Files.ReadAll(path, MostBytes);
            Assert.That(read.Value, Has.Length.EqualTo(count * Each));
            return count;
        }
    }

    [Test]
    public void Others_who_fill_the_volume_take_no_room_of_what_was_answered()
    {
        CountedMount small = new(1 << 20);
        using FileApi other = small.NewClient();
        using RemoteFile file = small.Files.Open("/f", Both).Value;
        using RemoteFile theirs = other.Open("/g", Both).Value;
        byte[] content = WriteLines(file, 2 * CallsBefore, 100);
        Assert.That(small.Stages, Is.EqualTo(1));
        while (theirs.Write(new byte[10_000]).IsOk) { }
        for (int i = 0; file.Write(Pattern(100, i)).IsOk; i++)
            content = [.. content, .. Pattern(100, i)];
        Assert.That(other.ReadAll("/f", MostBytes).Value, Is.EqualTo(content));
        VolumeStat full = other.DescribeVolume("/").Value;
        Assert.That(full.TotalBytes - full.UsedBytes, Is.LessThan(3 * 4096));
    }

    [Test]
    public void Two_programs_and_deaths_at_random_leave_what_a_plain_array_has()
    {
        for (int seed = 0; seed < 25; seed++) PlayAtRandom(new Random(seed), $"/f{seed}");
        Assert.That(_mount.Stages, Is.GreaterThan(25));
    }

    private void PlayAtRandom(Random random, string path)
    {
        byte[] model = [];
        using FileApi other = _mount.NewClient();
        using RemoteFile first = Open(path), second = other.Open(path, Both).Value;
        RemoteFile[] writers = [first, first, first, second];
        for (int burst = 0; burst < 30; burst++)
        {
            RemoteFile writer = writers[random.Next(writers.Length)];
            bool isInPlace = random.Next(3) == 0;
            for (int i = random.Next(40); i > 0; i--)
            {
                byte[] bytes = Pattern(random.Next(1, random.Next(2, 6_000)), random.Next());
                int at = isInPlace || random.Next(20) == 0
                    ? random.Next(model.Length + random.Next(2) * 5_000) : model.Length;
                if (at + bytes.Length > model.Length) Array.Resize(ref model, at + bytes.Length);
                bytes.CopyTo(model, at);
                writer.Offset = (ulong)at;
                Write(writer, bytes);
            }
            Disturb(random, path, ref model, second);
        }
        Assert.That(other.ReadAll(path, MostBytes).Value, Is.EqualTo(model), path);
    }

    private void Disturb(Random random, string path, ref byte[] model, RemoteFile second)
    {
        switch (random.Next(8))
        {
            case 0:
                _mount.Restart();
                break;
            case 1:
                _mount.Words.NoteServer();
                break;
            case 2:
                Array.Resize(ref model, random.Next(20_000));
                Assert.That(second.SetLength((ulong)model.Length), Is.EqualTo(Status.Ok));
                break;
            case 3:
                Assert.That(Files.ReadAll(path, MostBytes).Value, Is.EqualTo(model), path);
                break;
            case 4:
                Assert.That(Files.Stat(path).Value.LengthBytes, Is.EqualTo(model.Length), path);
                break;
        }
    }

    [Test]
    public void Closed_file_is_written_no_more_and_nothing_is_left_of_it()
    {
        RemoteFile file = Open("/f");
        byte[] lines = WriteLines(file, 50, 10);
        file.Dispose();
        Assert.That(_mount.Live, Is.Zero);
        Assert.That(file.Write("late"u8).Status, Is.EqualTo(Status.BadHandle));
        Assert.That(Others("/f"), Is.EqualTo(lines));
        Assert.That(new StagingTable(_mount.OpenVault().Log).Used, Is.Zero);
    }

    private const ulong MsNs = 1_000_000;

    private RemoteFile Open(string path) => Files.Open(path, Both).Value;

    /// <summary>As another program reads it.</summary>
    private byte[] Others(string path)
    {
        using FileApi other = _mount.NewClient();
        return other.ReadAll(path, MostBytes).Value;
    }

    private static void Write(RemoteFile file, byte[] bytes)
    {
        Result<uint> written = file.Write(bytes);
        Assert.That((written.Status, written.Value), Is.EqualTo((Status.Ok, bytes.Length)));
    }

    private static byte[] WriteLines(RemoteFile file, int count, int each)
    {
        byte[][] lines = [.. Enumerable.Range(0, count).Select(i => Pattern(each, i))];
        foreach (byte[] line in lines) Write(file, line);
        return [.. lines.SelectMany(line => line)];
    }

    private static byte[] Pattern(int lengthBytes, int seed)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

// Reading, writing and cutting: offsets, gaps, limits, and a time that is set.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    [TestCase(4ul)]
    [TestCase(5ul)]
    [TestCase(1ul << 40)]
    [TestCase(1ul << 63)]
    [TestCase(ulong.MaxValue)]
    public void Read_at_or_after_the_end_is_nothing(ulong offset)
    {
        _mount.Make("f", "text");
        using OpenObject file = _mount.Open("f", OpenMode.Read);
        byte[] target = [9, 9, 9];
        Result<uint> read = file.Calls.Read(offset, target);
        Assert.That(read.Status, Is.EqualTo(Status.Ok));
        Assert.That(read.Value, Is.Zero);
        Assert.That(target, Is.EqualTo(new byte[] { 9, 9, 9 }));
    }

    [Test]
    public void Read_stops_at_the_end()
    {
        _mount.Make("f", "text");
        using OpenObject file = _mount.Open("f", OpenMode.Read);
        byte[] target = new byte[8];
        Assert.That(file.Calls.Read(2, target).Value, Is.EqualTo(2));
        Assert.That(target[..3], Is.EqualTo("xt\0"u8.ToArray()));
        Assert.That(file.Calls.Read(0, default).Value, Is.Zero);
    }

    [Test]
    public void Write_overlays_and_extends()
    {
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        file.Write(0, "abcdef");
        file.Write(2, "XY");
        Assert.That(file.ReadText(), Is.EqualTo("abXYef"));
        file.Write(5, "123");
        Assert.That(file.ReadText(), Is.EqualTo("abXYe123"));
        Assert.That(_mount.Stat("f").LengthBytes, Is.EqualTo(8));
    }

    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(65_535)]
    [TestCase(200_000)]
    public void Gap_reads_as_zeros(int gap)
    {
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        file.Write(0, "a");
        file.Write((ulong)gap + 1, "b");
        byte[] bytes = file.ReadAll();
        Assert.That(bytes, Has.Length.EqualTo(gap + 2));
        Assert.That(bytes[0], Is.EqualTo((byte)'a'));
        Assert.That(bytes.AsSpan(1, gap).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        Assert.That(bytes[^1], Is.EqualTo((byte)'b'));
    }

    [TestCase(0)]
    [TestCase(4090)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(65_530)]
    public void Bytes_come_back_across_every_boundary(int offset)
    {
        byte[] expected = Pattern(200_003);
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        Assert.That(file.Calls.Write((ulong)offset, expected).Value, Is.EqualTo(200_003));
        byte[] found = new byte[expected.Length];
        Assert.That(file.Calls.Read((ulong)offset, found).Value, Is.EqualTo(200_003));
        Assert.That(found.AsSpan().SequenceEqual(expected), Is.True);
    }

    [Test]
    public void Write_of_the_greatest_length_is_taken_and_one_byte_more_is_not()
    {
        byte[] bytes = Pattern(Limits.MaxWriteBytes + 1);
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        Assert.That(file.Calls.Write(0, bytes).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(file.Calls.Append(bytes).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(_mount.Stat("f").LengthBytes, Is.Zero);
        Assert.That(file.Calls.Write(0, bytes.AsSpan(1)).Status, Is.EqualTo(Status.Ok));
        Assert.That(file.ReadAll().AsSpan().SequenceEqual(bytes.AsSpan(1)), Is.True);
    }

    [Test]
    public void Write_beyond_the_largest_file_is_TooLarge()
    {
        ulong largest = Root.DescribeVolume().Value.MaxFileBytes;
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        file.Write(0, "text");
        Assert.That(file.Calls.Write(largest, "x"u8).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(file.Calls.Write(largest - 1, "xy"u8).Status, Is.EqualTo(Status.TooLarge));
        Status status = file.Calls.Write(ulong.MaxValue, "x"u8).Status;
        Assert.That(status, Is.EqualTo(Status.TooLarge));
        status = file.Calls.Write(ulong.MaxValue - 1, "xyz"u8).Status;
        Assert.That(status, Is.EqualTo(Status.TooLarge));
        Assert.That(file.Calls.SetLength(largest + 1), Is.EqualTo(Status.TooLarge));
        Assert.That(file.Calls.SetLength(ulong.MaxValue), Is.EqualTo(Status.TooLarge));
        Assert.That(file.ReadText(), Is.EqualTo("text"));
    }

    [Test]
    public void Append_goes_to_the_end_and_says_where_that_is()
    {
        using OpenObject one = _mount.Open("f", Both | OpenMode.Create);
        using OpenObject other = _mount.Open("f", OpenMode.Write);
        Assert.That(one.Calls.Append("ab"u8).Value, Is.EqualTo(2));
        Assert.That(other.Calls.Append("cd"u8).Value, Is.EqualTo(4));
        one.Write(4, "ef");
        Assert.That(other.Calls.Append("gh"u8).Value, Is.EqualTo(8));
        Assert.That(one.ReadText(), Is.EqualTo("abcdefgh"));
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(4096)]
    [TestCase(5000)]
    public void Cut_bytes_never_come_back(int length)
    {
        byte[] bytes = Pattern(10_000);
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        file.Calls.Write(0, bytes);
        Assert.That(file.Calls.SetLength((ulong)length), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Stat("f").LengthBytes, Is.EqualTo(length));
        Assert.That(file.Calls.SetLength(10_000), Is.EqualTo(Status.Ok));
        bytes.AsSpan(length).Clear();
        Assert.That(file.ReadAll().AsSpan().SequenceEqual(bytes), Is.True);
    }

    [Test]
    public void Full_volume_is_NoSpace_and_the_write_has_not_begun()
    {
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        byte[] bytes = Pattern(Limits.MaxWriteBytes);
        Status status = Status.Ok;
        ulong length = 0;
        for (int i = 0; status == Status.Ok && i < 4096; i++)
        {
            Result<ulong> end = file.Calls.Append(bytes);
            status = end.Status;
            if (end.IsOk) length = end.Value;
        }
        Assert.That(status, Is.EqualTo(Status.NoSpace));
        Assert.That(_mount.Stat("f").LengthBytes, Is.EqualTo(length));
        Assert.That(file.Calls.Write(0, "over"u8).Status, Is.EqualTo(Status.Ok));
        Assert.That(file.Calls.SetLength(0), Is.EqualTo(Status.Ok));
        Assert.That(file.Calls.Append(bytes).Status, Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Volume_counts_what_is_used()
    {
        ulong before = _mount.UsedBytes;
        _mount.Make("f", new string('x', 100_000));
        Assert.That(_mount.UsedBytes, Is.GreaterThanOrEqualTo(before + 100_000));
        Assert.That(_mount.UsedBytes, Is.LessThan(Root.DescribeVolume().Value.TotalBytes));
        Root.RemoveFile("f");
        Assert.That(_mount.UsedBytes, Is.EqualTo(before));
    }

    [Test]
    public void Time_can_be_set_for_files_and_directories()
    {
        _mount.Make("f");
        _mount.MakeDirectory("d");
        Assert.That(Root.SetTime("f", StartNs + 42 * SecondNs), Is.EqualTo(Status.Ok));
        Assert.That(Root.SetTime("d", StartNs + 44 * SecondNs), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Stat("f").ModifiedNs, Is.EqualTo(StartNs + 42 * SecondNs));
        Assert.That(_mount.Stat("d").ModifiedNs, Is.EqualTo(StartNs + 44 * SecondNs));
    }

    private static byte[] Pattern(int lengthBytes)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(lengthBytes).NextBytes(bytes);
        return bytes;
    }
}

// The archive is what Linux's kernel reads: heads of 110 characters, all at multiples of four.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using NUnit.Framework;
using Tests.Benchmarks.Peer;

namespace Tests.Unit.Tests.Benchmarks.Peer;

public sealed class InitialFilesTests
{
    private const int HeadLength = 110, ModeAt = 14, LengthAt = 54, NameLengthAt = 94;

    private sealed record Entry(string Name, int Mode, string Text);

    [Test]
    public void Archive_has_folders_programs_and_an_end()
    {
        List<Entry> entries = Read(Archive());
        Assert.That(entries, Is.EqualTo(new[]
        {
            new Entry("bin", Convert.ToInt32("040755", 8), ""),
            new Entry("bin/tiny", Convert.ToInt32("100755", 8), "12345"),
            new Entry("init", Convert.ToInt32("100755", 8), "1234"),
            new Entry("TRAILER!!!", 0, ""),
        }));
    }

    [Test]
    public void Same_files_are_the_same_bytes() =>
        Assert.That(Archive(), Is.EqualTo(Archive()));

    private static byte[] Archive()
    {
        using MemoryStream output = new();
        InitialFiles files = new(output);
        files.AddFolder("bin");
        files.AddProgram("bin/tiny", "12345"u8);
        files.AddProgram("init", "1234"u8);
        files.Finish();
        return output.ToArray();
    }

    private static List<Entry> Read(byte[] archive)
    {
        List<Entry> entries = [];
        for (int at = 0; at < archive.Length;)
        {
            Assert.That(Encoding.ASCII.GetString(archive, at, 6), Is.EqualTo("070701"));
            int length = Number(archive, at + LengthAt);
            int nameLength = Number(archive, at + NameLengthAt);
            int name = at + HeadLength, bytes = Aligned(name + nameLength);
            Assert.That(archive[name + nameLength - 1], Is.Zero);
            entries.Add(new Entry(
                Encoding.ASCII.GetString(archive, name, nameLength - 1),
                Number(archive, at + ModeAt), Encoding.ASCII.GetString(archive, bytes, length)));
            at = Aligned(bytes + length);
        }
        return entries;
    }

    private static int Number(byte[] archive, int at) => int.Parse(
        Encoding.ASCII.GetString(archive, at, 8), NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    private static int Aligned(int at) => (at + 3) & ~3;
}

// Entries that are written are read back, and nothing else is.

using System;
using NUnit.Framework;
using Shared.Contracts;

namespace Tests.Unit.Contracts;

public sealed class EntriesTests
{
    [TestCase("a")]
    [TestCase("12345678")]
    [TestCase("gr\u00FC\u00DFe")]
    public void Entry_is_read_as_it_was_written(string name)
    {
        byte[] buffer = new byte[128];
        EntryWriter writer = new(buffer);
        EntryHeader header = new() { LengthBytes = 7, FileNumber = 9, Type = FileType.File };
        Assert.That(writer.TryWrite(header, name), Is.True);
        Assert.That(writer.LengthBytes % 8, Is.Zero);
        EntryReader reader = new(buffer.AsSpan(0, (int)writer.LengthBytes));
        Assert.That(reader.TryRead(out EntryHeader found, out string foundName), Is.True);
        Assert.That(foundName, Is.EqualTo(name));
        Assert.That(found.LengthBytes, Is.EqualTo(7));
        Assert.That(found.FileNumber, Is.EqualTo(9));
        Assert.That(reader.TryRead(out _, out string _), Is.False);
    }

    [Test]
    public void Entry_that_does_not_fit_is_not_begun()
    {
        byte[] buffer = new byte[32 + 8 + 32 + 7];
        EntryWriter writer = new(buffer);
        Assert.That(writer.TryWrite(default, "a"), Is.True);
        Assert.That(writer.TryWrite(default, "b"), Is.False);
        Assert.That(writer.Count, Is.EqualTo(1));
        Assert.That(writer.LengthBytes, Is.EqualTo(40));
    }

    [Test]
    public void Entry_that_claims_a_name_beyond_the_buffer_ends_the_list()
    {
        byte[] buffer = new byte[40];
        EntryWriter writer = new(buffer);
        writer.TryWrite(default, "a");
        buffer[28] = 200;
        EntryReader reader = new(buffer);
        Assert.That(reader.TryRead(out _, out string _), Is.False);
    }
}

// How the shell prints sizes, times, tables and bytes, and how it reads paths.

using System;
using System.Linq;
using NUnit.Framework;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Shared.Abi;

namespace Tests.Unit.Servers.Shell;

public sealed class FormattingTests
{
    [TestCase(0ul, "0B")]
    [TestCase(1023ul, "1023B")]
    [TestCase(1536ul, "1.5K")]
    [TestCase(10240ul, "10K")]
    [TestCase(268435456ul, "256M")]
    [TestCase(ulong.MaxValue, "16777216T")]
    public void Size_has_a_unit(ulong bytes, string expected)
        => Assert.That(Units.Size(bytes), Is.EqualTo(expected));

    [TestCase(850ul, "850ns")]
    [TestCase(12_300ul, "12.3us")]
    [TestCase(4_560_000ul, "4.56ms")]
    [TestCase(7_890_000_000ul, "7.89s")]
    [TestCase(185_000_000_000ul, "3m05s")]
    [TestCase(7_380_000_000_000ul, "2h03m")]
    public void Duration_has_a_unit(ulong nanoseconds, string expected)
        => Assert.That(Units.Duration(nanoseconds), Is.EqualTo(expected));

    [TestCase(0ul, "-")]
    [TestCase(1_000_000_000ul, "1970-01-01 00:00:01")]
    public void Date_is_utc(ulong nanoseconds, string expected)
        => Assert.That(Units.Date(nanoseconds), Is.EqualTo(expected));

    [Test]
    public void Date_of_the_last_nanosecond_is_known()
        => Assert.That(Units.Date(ulong.MaxValue), Does.StartWith("2554-"));

    [TestCase("1", 1_000_000_000ul)]
    [TestCase("0.25", 250_000_000ul)]
    public void Seconds_may_have_a_fraction(string text, ulong expected)
    {
        Assert.That(Units.TrySeconds(text, out ulong nanoseconds));
        Assert.That(nanoseconds, Is.EqualTo(expected));
    }

    [TestCase("-1")]
    [TestCase("x")]
    [TestCase("")]
    [TestCase("99999999999999999999999999999999999999")]
    [TestCase("1e9")]
    public void Seconds_that_are_none_are_refused(string text)
        => Assert.That(Units.TrySeconds(text, out _), Is.False);

    [Test]
    public void Table_is_as_wide_as_its_cells()
    {
        Table table = new(">PID", "NAME", ">CPU");
        table.Add("7", "memfs@/mnt", "12ms");
        table.Add("12", "x", "3s");
        Assert.That(table.Lines(), Is.EqualTo(new[]
        {
            "PID  NAME         CPU",
            "  7  memfs@/mnt  12ms",
            " 12  x             3s",
        }));
    }

    [Test]
    public void Hexdump_shows_offset_bytes_and_text()
    {
        Assert.That(
            HexDump.Line(16, "Hello, world\n\x7f\0!"u8),
            Is.EqualTo("00000010  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a 7f 00 21"
                + "  |Hello, world...!|"));
        Assert.That(
            HexDump.Line(0, "ab"u8),
            Is.EqualTo("00000000  61 62".PadRight(60) + "|ab|"));
    }

    [Test]
    public void Every_status_has_words_of_its_own()
    {
        string[] words = Enum.GetValues<Status>().Select(status => StatusText.Of(status)).ToArray();
        Assert.That(words, Is.Unique);
        Assert.That(words, Has.None.StartsWith("status "));
    }

    [Test]
    public void Every_cause_has_words()
        => Assert.That(
            Enum.GetValues<DeathCause>().Select(cause => StatusText.Of(cause)),
            Has.None.StartsWith("cause "));

    [Test]
    public void Call_without_a_reply_says_whether_it_may_have_happened()
    {
        Assert.That(
            StatusText.Of(Status.Cancelled, Outcome.MaybeExecuted),
            Is.EqualTo("cancelled (may have happened)"));
        Assert.That(
            StatusText.Of(Status.Cancelled, Outcome.NotExecuted),
            Is.EqualTo("cancelled (did not happen)"));
    }

    [TestCase("/", "mnt", "/mnt")]
    [TestCase("/mnt", "", "/mnt")]
    [TestCase("/mnt", ".", "/mnt")]
    [TestCase("/mnt", "..", "/")]
    [TestCase("/mnt", "../../../x", "/x")]
    [TestCase("/mnt/a", "../b/./c//d/", "/mnt/b/c/d")]
    [TestCase("/mnt", "/x/../y", "/y")]
    [TestCase("/", "", "/")]
    public void Path_becomes_canonical(string directory, string path, string expected)
        => Assert.That(PathName.Canonical(directory, path), Is.EqualTo(expected));

    [TestCase("/a/b", "b", "/a")]
    [TestCase("/a", "a", "/")]
    [TestCase("/", "/", "/")]
    public void Path_has_a_name_and_a_parent(string path, string name, string parent)
    {
        Assert.That(PathName.NameOf(path), Is.EqualTo(name));
        Assert.That(PathName.ParentOf(path), Is.EqualTo(parent));
    }

    [TestCase("/a/b", "/a", true)]
    [TestCase("/ab", "/a", false)]
    [TestCase("/a", "/a", true)]
    [TestCase("/a", "/", true)]
    public void Path_lies_within_another(string inner, string outer, bool expected)
        => Assert.That(PathName.IsWithin(inner, outer), Is.EqualTo(expected));
}

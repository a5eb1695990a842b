// Short names, long names and times of directory entries.

using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.FatFs.Directories;
using Shared.Fat;

namespace Tests.Unit.Servers.FatFs;

public sealed class EntryNameTests
{
    [TestCase("README.TXT", "README  TXT", true)]
    [TestCase("readme.txt", "README  TXT", false)]
    [TestCase("A", "A          ", true)]
    [TestCase("a.b.c", "AB~1    C  ", false)]
    [TestCase(".hidden", "HIDDEN~1   ", false)]
    [TestCase("a long name.text", "ALONGN~1TEX", false)]
    [TestCase("NINECHARS", "NINECH~1   ", false)]
    [TestCase("gr\u00FC\u00DF", "GR__~1     ", false)]
    [TestCase("\u65E5\u672C", "__~1       ", false)]
    [TestCase("a+b", "A_B~1      ", false)]
    [TestCase("...a", "A~1        ", false)]
    public void Short_name_follows_the_rules(string name, string expected, bool isEnough)
    {
        byte[] bytes = new byte[RawEntry.NameBytes];
        ShortName.For(name, [])!.Value.CopyTo(bytes);
        Assert.That(Encoding.ASCII.GetString(bytes), Is.EqualTo(expected));
        Assert.That(ShortName.IsEnough(name), Is.EqualTo(isEnough));
    }

    [Test]
    public void Tail_counts_up_over_all_digits()
    {
        HashSet<ShortName> used = [];
        byte[] bytes = new byte[RawEntry.NameBytes];
        for (int i = 1; i <= 1200; i++)
        {
            ShortName made = ShortName.For("a long name.text", used)!.Value;
            Assert.That(used.Add(made), Is.True);
            made.CopyTo(bytes);
            string text = Encoding.ASCII.GetString(bytes);
            Assert.That(text, Does.Contain($"~{i}").And.EndWith("TEX"));
        }
    }

    [TestCase("a")]
    [TestCase("thirteen char")]
    [TestCase("fourteen chars")]
    [TestCase("\U0001F600 and more \u65E5\u672C")]
    public void Long_name_comes_back_from_its_parts(string name)
    {
        byte[] shortEntry = new byte[RawEntry.Bytes];
        ShortName.For(name, [])!.Value.CopyTo(shortEntry);
        byte checksum = RawEntry.Checksum(shortEntry);
        LongName read = new();
        byte[] slot = new byte[RawEntry.Bytes];
        for (int number = LongName.SlotsFor(name.Length); number >= 1; number--)
        {
            Assert.That(read.IsFor(shortEntry), Is.False);
            LongName.Write(slot, name, number, checksum);
            read.Take(slot, 10);
        }
        Assert.That(read.IsFor(shortEntry), Is.True);
        Assert.That(read.Name.ToString(), Is.EqualTo(name));
        shortEntry[0]++;
        Assert.That(read.IsFor(shortEntry), Is.False, "another short name");
    }

    [Test]
    public void Long_name_of_255_units_comes_back()
    {
        string name = new('x', NameRules.MaxUnits);
        Long_name_comes_back_from_its_parts(name);
    }

    [TestCase("ab", ExpectedResult = true)]
    [TestCase("a.b ", ExpectedResult = false)]
    [TestCase("a.", ExpectedResult = false)]
    [TestCase("a?b", ExpectedResult = false)]
    [TestCase("a\tb", ExpectedResult = false)]
    [TestCase(" a", ExpectedResult = true)]
    [TestCase("con", ExpectedResult = true)]
    public bool Name_that_FAT_cannot_keep_is_refused(string name) =>
        NameRules.Check(name) == global::Shared.Abi.Status.Ok;

    [TestCase("1980-01-01 00:00:00")]
    [TestCase("2000-02-29 23:59:58")]
    [TestCase("2107-12-31 23:59:58")]
    public void Time_comes_back(string text)
    {
        ulong ns = NsOf(text);
        Assert.That(FatTime.Of(ns) with { Hundredths = 0 }, Is.EqualTo(FatTime.Of(ns)));
        Assert.That(FatTime.Of(ns).ToNs(), Is.EqualTo(ns));
        Assert.That(FatTime.Of(ns + 1_990_000_000).ToNs(), Is.EqualTo(ns + 1_990_000_000));
    }

    [TestCase(0UL, "1980-01-01 00:00:00")]
    [TestCase(ulong.MaxValue, "2107-12-31 23:59:58")]
    public void Time_that_FAT_cannot_say_is_the_nearest(ulong ns, string expected)
    {
        const ulong stepNs = 2_000_000_000;
        Assert.That(FatTime.Of(ns).ToNs() / stepNs, Is.EqualTo(NsOf(expected) / stepNs));
    }

    [Test]
    public void Bytes_that_are_no_time_read_as_none()
    {
        for (int date = 0; date <= ushort.MaxValue; date += 7)
        {
            FatTime time = new((ushort)date, (ushort)(date * 31), (byte)date);
            Assert.That(() => time.ToNs(), Throws.Nothing);
        }
        Assert.That(new FatTime(0, 0, 0).ToNs(), Is.Zero);
    }

    private static ulong NsOf(string text) => (ulong)(DateTime.SpecifyKind(
        DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc)
        - DateTime.UnixEpoch).Ticks * 100;
}

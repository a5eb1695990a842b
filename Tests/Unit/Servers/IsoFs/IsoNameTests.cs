// Which names and times of a disc are shown: Rock Ridge before Joliet before ISO 9660's own.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.IsoFs.Directories;
using Shared.Contracts;
using Tests.Disks;

namespace Tests.Unit.Servers.IsoFs;

public sealed class IsoNameTests
{
    private const string Unicode = "Gr\u00FC\u00DFe aus \u65E5\u672C.txt";
    private static readonly string Long = new string('l', 96) + ".text";
    private static readonly string Longest = new('n', 250);
    private static readonly Dictionary<string, string> Files = new()
    {
        ["Folder/ReadMe.TXT"] = "read", [Unicode] = "unicode", [Long] = "long",
        ["empty"] = "", ["Link"] = "->Folder/ReadMe.TXT",
    };

    [TestCase(nameof(IsoImages.RockRidge))]
    [TestCase(nameof(IsoImages.Both))]
    public void Names_of_rock_ridge_are_shown_as_they_are(string style)
    {
        Dictionary<string, string> files = new(Files);
        if (style == nameof(IsoImages.RockRidge)) files[Longest] = "longest";
        IsoMount mount = new(IsoImages.Make(files, IsoImages.OptionsOf(style)));
        // Links are not shown: nothing here can follow them.
        string[] expected = [.. files.Keys.Where(name => !name.Contains('/') && name != "Link")
            .Append("Folder").Order(StringComparer.Ordinal)];
        Assert.That(mount.Names().Split(' ').Length, Is.GreaterThan(4));
        Assert.That(mount.TryList("")!.Keys.Order(StringComparer.Ordinal), Is.EqualTo(expected));
        foreach (string name in expected.Where(name => name != "Folder"))
            Assert.That(mount.Read(name), Is.EqualTo(files[name]));
        Assert.That(mount.Read("Folder/ReadMe.TXT"), Is.EqualTo("read"));
        Assert.That(mount.TryOpen("folder/readme.txt"), Is.Null);
    }

    [Test]
    public void Names_of_joliet_are_shown_where_there_is_no_rock_ridge()
    {
        Dictionary<string, string> files = new(Files);
        files.Remove("Link");
        IsoMount mount = new(IsoImages.Make(files, IsoImages.Joliet));
        Assert.That(mount.Read(Unicode), Is.EqualTo("unicode"));
        Assert.That(mount.Read(Long), Is.EqualTo("long"));
        Assert.That(mount.Read("Folder/ReadMe.TXT"), Is.EqualTo("read"));
        Assert.That(mount.Root.Stat("empty").Value.LengthBytes, Is.Zero);
    }

    [Test]
    public void Plain_names_are_in_lower_case_and_have_no_version()
    {
        IsoMount mount = new(IsoImages.Make(
            new Dictionary<string, string> { ["FOLDER/README.TXT"] = "read", ["NODOT"] = "" },
            IsoImages.Plain));
        Assert.That(mount.Names(), Is.EqualTo("folder nodot"));
        Assert.That(mount.Read("folder/readme.txt"), Is.EqualTo("read"));
    }

    [TestCase(nameof(IsoImages.RockRidge))]
    [TestCase(nameof(IsoImages.Relocated))]
    public void Deep_directories_are_where_they_were_made(string style)
    {
        string deep = string.Join('/', Enumerable.Range(1, 14).Select(i => $"level-{i}"));
        IsoMount mount = new(IsoImages.Make(
            new Dictionary<string, string>
            {
                [$"{deep}/bottom"] = "deep", ["level-1/level-2/other"] = "other",
            },
            IsoImages.OptionsOf(style)));
        Assert.That(mount.Read($"{deep}/bottom"), Is.EqualTo("deep"));
        Assert.That(mount.Names(deep), Is.EqualTo("bottom"));
        string[] steps = deep.Split('/');
        for (int i = 1; i < steps.Length; i++)
        {
            Dictionary<string, FileType> found = mount.TryList(string.Join('/', steps[..i]))!;
            Assert.That(found[steps[i]], Is.EqualTo(FileType.Directory));
        }
        Assert.That(mount.Names(), Is.EqualTo("level-1"), "not where it was put meanwhile");
        Assert.That(mount.Log, Is.Empty);
    }

    [Test]
    public void Times_are_in_UTC_whatever_zone_they_were_written_in()
    {
        DateTime time = new(2026, 11, 28, 19, 28, 7, DateTimeKind.Utc);
        ulong expected =
            (ulong)(time - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        Assert.That(IsoTime.Read([126, 11, 28, 19, 28, 7, 0]), Is.EqualTo(expected));
        Assert.That(IsoTime.Read([126, 11, 28, 20, 28, 7, 4]), Is.EqualTo(expected));
        Assert.That(IsoTime.Read([126, 11, 28, 13, 58, 7, unchecked((byte)-22)]),
            Is.EqualTo(expected));
        Assert.That(IsoTime.Read([126, 2, 30, 0, 0, 0, 0]), Is.Zero);
        Assert.That(IsoTime.Read([0, 0, 0, 0, 0, 0, 0]), Is.Zero);
        Assert.That(IsoTime.Read([60, 1, 1, 0, 0, 0, 0]), Is.Zero, "before 1970");
        Assert.That(IsoTime.Read([255, 12, 31, 23, 59, 59, 128]), Is.Zero, "no zone");
    }
}

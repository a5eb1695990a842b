// The mount with the longest target in whole names wins.

using NUnit.Framework;
using Servers.Vfs;
using Shared.Abi;

namespace Tests.Unit.Servers.Vfs;

public sealed class MountTableTests
{
    private static readonly MountTable s_table = new(
    [
        new Mount(new Handle(1), 1, "/"),
        new Mount(new Handle(2), 2, "/mnt"),
        new Mount(new Handle(3), 3, "/mnt/deep/er"),
        new Mount(new Handle(4), 4, "/proc"),
    ]);

    [TestCase("/", 1u, "")]
    [TestCase("/a/b", 1u, "a/b")]
    [TestCase("/mnt", 2u, "")]
    [TestCase("/mnt/x", 2u, "x")]
    [TestCase("/mntx", 1u, "mntx")]
    [TestCase("/mn", 1u, "mn")]
    [TestCase("/mnt/deep", 2u, "deep")]
    [TestCase("/mnt/deep/er", 3u, "")]
    [TestCase("/mnt/deep/er/y/z", 3u, "y/z")]
    [TestCase("/MNT", 1u, "MNT")]
    public void Path_lies_on_the_longest_match(string path, uint id, string rest)
    {
        Mount? mount = s_table.Match(path, out int restOffset);
        Assert.That(mount!.Id, Is.EqualTo(id));
        Assert.That(path[restOffset..], Is.EqualTo(rest));
    }

    [Test]
    public void Path_lies_on_what_is_below_when_a_mount_has_gone()
    {
        Mount gone = s_table.Match("/mnt/deep/er", out _)!;
        Mount? mount = s_table.Without(gone).Match("/mnt/deep/er", out int restOffset);
        Assert.That(mount!.Id, Is.EqualTo(2));
        Assert.That(restOffset, Is.EqualTo(5));
    }

    [Test]
    public void Empty_table_matches_nothing() =>
        Assert.That(MountTable.Empty.Match("/", out _), Is.Null);

    [Test]
    public void Tables_differ_when_a_mount_was_made_again()
    {
        MountTable again = new([new Mount(new Handle(9), 5, "/")]);
        MountTable same = new([new Mount(new Handle(8), 5, "/")]);
        Assert.That(again.IsSameAs(same), Is.True);
        Assert.That(again.IsSameAs(s_table), Is.False);
        Assert.That(again.IsSameAs(new([new Mount(new Handle(9), 6, "/")])), Is.False);
    }
}

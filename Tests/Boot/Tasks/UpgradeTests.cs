// A server is replaced under its clients' open files, and stays when its successor is no good.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class UpgradeTests : UpgradeTest
{
    [Test]
    public void Upgraded_server_has_migrated_its_vault_under_an_open_file()
    {
        Prepare();
        Succeeds("upgrade memfs@/mnt memfs2");
        Assert.That(ServerRow("memfs@/mnt"), Does.Contain(" ready ").And.EndsWith(" memfs2"));
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("stat /mnt/kept"), Does.Contain("created"));
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(ServerRow("memfs@/mnt"), Does.EndWith(" memfs2"));
        Assert.That(Succeeds("cat /tmp/held"), Does.Not.Contain("revoked"));
        Assert.That(Succeeds("jobs"), Does.Contain("running"));
        Succeeds("umount /mnt");
    }

    [Test]
    public void Version_that_fails_its_probe_changes_nothing()
    {
        Prepare();
        string before = ServerRow("memfs@/mnt");
        Assert.That(Fails("upgrade memfs@/mnt memfs3"), Does.Contain("did not pass its probe"));
        Assert.That(ServerRow("memfs@/mnt"), Is.EqualTo(before));
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Succeeds("echo more >> /mnt/kept");
        Assert.That(
            Succeeds("servers memfs@/mnt+next"), Does.Contain("does not pass its probe"));
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept\nmore"));
    }

    [Test]
    public void Downgrade_that_the_format_does_not_allow_is_refused()
    {
        Prepare();
        Succeeds("upgrade memfs@/mnt memfs2");
        Fails("upgrade memfs@/mnt memfs");
        Assert.That(ServerRow("memfs@/mnt"), Does.EndWith(" memfs2"));
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("servers memfs@/mnt+next"), Does.Contain("CKMEMFS7"));
    }

    [Test]
    public void Every_server_is_upgraded_to_its_own_image_and_nothing_is_lost()
    {
        Prepare();
        foreach (string name in (string[])["vfs", "pipes", "console", "procfs@/proc"])
        {
            Succeeds($"upgrade {name} {name.Split('@')[0]}");
            Assert.That(Succeeds("cat /mnt/kept | cat"), Is.EqualTo("kept"), name);
        }
    }

    [TestCase("upgrade memfs@/mnt memfs99", "no such image")]
    [TestCase("upgrade nobody memfs2", "no such task")]
    [TestCase("upgrade supervisor supervisor9", "no such image")]
    [TestCase("upgrade supervisor memfs", "no version of what supervisor runs")]
    [TestCase("upgrade memfs@/mnt pipes", "no version of what memfs@/mnt runs")]
    [TestCase("upgrade memfs@/mnt memfsx", "no version of what memfs@/mnt runs")]
    [TestCase("upgrade memfs@/mnt", "usage")]
    public void Upgrade_that_cannot_be_is_one_line(string line, string reason)
    {
        Prepare();
        Assert.That(Fails(line).ToLowerInvariant(), Does.Contain(reason));
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
    }
}

// What clients get while a file server is dead, for each choice of ondeath.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class OnDeathTests : BootTest
{
    [Test]
    public void Mount_with_hold_is_back_before_anybody_notices()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("kill memfs@/mnt");
        Succeeds("ls /mnt");
        Succeeds("echo new > /mnt/file");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("new"));
    }

    [Test]
    public void Mount_with_vanish_is_gone_at_once()
    {
        Succeeds("mount -t memfs -o ondeath=vanish none /mnt");
        Succeeds("echo hello > /mnt/file");
        Succeeds("kill memfs@/mnt");
        Assert.That(Run("mount"), Does.Not.Contain("/mnt"));
        Fails("cat /mnt/file");
    }

    [Test]
    public void Other_mounts_are_not_disturbed()
    {
        Succeeds("mkdir /home/a");
        Succeeds("mount -t memfs none /mnt");
        Succeeds("mount -t memfs none /home/a");
        Succeeds("echo kept > /home/a/file");
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("cat /home/a/file"), Is.EqualTo("kept"));
    }
}

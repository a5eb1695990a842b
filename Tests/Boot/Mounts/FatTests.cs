// A FAT volume in the guest: names, bytes and open files are there after every death of its server.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class FatTests : BootTest
{
    [Test]
    public void Fat_volume_in_memory_keeps_everything_when_its_server_dies()
    {
        Succeeds("mount -t fat ram /mnt");
        Succeeds("mkdir /mnt/Directory");
        Succeeds("echo hello > /mnt/Directory/a-longer-name.text");
        Succeeds("cp /proc/images /mnt/images");
        Run("hold /mnt/Directory/a-longer-name.text > /tmp/held &");
        Until("cat /tmp/held", "6 bytes");
        Succeeds("kill fat@/mnt");
        Assert.That(Succeeds("cat /mnt/DIRECTORY/A-LONGER-NAME.TEXT"), Is.EqualTo("hello"));
        Assert.That(Succeeds("ls /mnt/Directory"), Is.EqualTo("a-longer-name.text"));
        Assert.That(Succeeds("cat /mnt/images"), Is.EqualTo(Succeeds("cat /proc/images")));
        Assert.That(Run("jobs"), Does.Contain("hold /mnt/Directory/a-longer-name.text"));
        Run("crash fat@/mnt null");
        Succeeds("mv /mnt/Directory/a-longer-name.text /mnt/moved", timeoutSeconds: 60);
        Run("sleep 2");
        Succeeds("kill fat@/mnt");
        Assert.That(Succeeds("cat /mnt/moved"), Is.EqualTo("hello"));
        Succeeds("umount /mnt");
    }

    [Test]
    public void Fat_volume_of_a_disk_that_is_not_there_is_refused()
    {
        // Whether or not its driver has found that out by now.
        Assert.That(
            Fails("mount -t fat /dev/ata0p1 /mnt"),
            Does.StartWith("mount: /dev/ata0p1: no such disk"));
        Assert.That(
            Fails("mount -t fat /dev/nothing /mnt"),
            Is.EqualTo("mount: /dev/nothing: no such disk"));
    }
}

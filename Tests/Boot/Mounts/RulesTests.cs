// What may be mounted where, and what is said otherwise.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class RulesTests : BootTest
{
    [Test]
    public void Mount_that_cannot_be_is_refused_in_one_line()
    {
        Succeeds("touch /tmp/file");
        Assert.That(Fails("mount -t memfs none /none"), Is.EqualTo("mount: /none: not found"));
        Assert.That(
            Fails("mount -t memfs none /tmp/file"),
            Is.EqualTo("mount: /tmp/file: not a directory"));
        Assert.That(Fails("mount -t disk none /mnt"), Is.EqualTo("mount: disk: unknown type"));
        Assert.That(
            Fails("mount -t memfs -o fast none /mnt"), Is.EqualTo("mount: fast: bad option"));
        Succeeds("mount -t memfs none /mnt");
        Assert.That(
            Fails("mount -t memfs none /mnt"), Is.EqualTo("mount: /mnt: is a mount already"));
        Assert.That(Succeeds("mount").Split('\n'), Has.Length.EqualTo(3));
    }

    [Test]
    public void Second_umount_is_refused_and_the_directory_below_is_seen_again()
    {
        Succeeds("write /mnt/below here");
        Succeeds("mount -t memfs none /mnt");
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
        Succeeds("umount /mnt");
        Assert.That(Fails("umount /mnt"), Is.EqualTo("umount: /mnt: not mounted"));
        Assert.That(Succeeds("cat /mnt/below"), Is.EqualTo("here"));
    }

    [Test]
    public void Mount_that_is_read_only_refuses_to_be_written()
    {
        Succeeds("mount -t memfs -o ro none /mnt");
        Assert.That(Fails("write /mnt/file x"), Is.EqualTo("write: /mnt/file: read-only"));
        Assert.That(Succeeds("mount"), Does.Contain("on /mnt type memfs (ro,ondeath=hold)"));
    }

    [Test]
    public void Proc_can_be_taken_off_and_mounted_again()
    {
        Succeeds("umount /proc");
        Assert.That(Fails("cat /proc/mounts"), Is.EqualTo("cat: /proc/mounts: not found"));
        Succeeds("mount -t procfs none /proc");
        Assert.That(Succeeds("cat /proc/mounts"), Is.EqualTo(Succeeds("mount")));
    }

    [Test]
    public void Root_can_be_taken_off_and_mounted_again()
    {
        Succeeds("umount /");
        Fails("ls /");
        Succeeds("mount -t memfs none /");
        Succeeds("echo new > /file");
        Assert.That(Succeeds("cat /file"), Is.EqualTo("new"));
    }
}

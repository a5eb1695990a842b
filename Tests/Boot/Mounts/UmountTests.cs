// The founding promise: umount succeeds at once, whoever uses the mount.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class UmountTests : BootTest
{
    [Test]
    public void Mount_is_listed_with_its_server()
    {
        Succeeds("mount -t memfs none /mnt");
        Assert.That(Run("mount"),
            Does.Match(@"(?m)^none on /mnt type memfs \(.*\) by memfs@/mnt\[\d+\]$"));
    }

    [Test]
    public void Umount_succeeds_when_a_program_holds_a_file()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo hello > /mnt/greeting");
        // What hold says comes when it likes, so not to the screen.
        Run("hold /mnt/greeting > /tmp/held &");
        Until("cat /tmp/held", "6 bytes");
        Succeeds("umount /mnt");
        Until("cat /tmp/held", "revoked");
        Assert.That(Run("mount"), Does.Not.Contain("/mnt"));
        Fails("cat /mnt/greeting");
    }

    [Test]
    public void Umount_succeeds_when_the_server_hangs()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("hang memfs@/mnt");
        Succeeds("umount /mnt");
        Assert.That(Run("mount"), Does.Not.Contain("/mnt"));
    }

    [TestCase("zombie")]
    [TestCase("stopped")]
    [TestCase("thread")]
    [TestCase("inflight")]
    [TestCase("reader")]
    public void Umount_succeeds_when_the_mount_is_pinned_as_on_linux(string pin)
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds($"pin {pin} /mnt");
        Succeeds("umount /mnt");
        Assert.That(Run("mount"), Does.Not.Contain("/mnt"));
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo again > /mnt/file");
    }
}

// A server that crashes again and again: the mount is gone, handles are revoked at once, the files
// are kept for who mounts it again.

using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class GiveUpTests : BootTest
{
    /// <summary>The budget of the system table.</summary>
    private const int Crashes = 10;

    private const string CrashOnce = "crash memfs@/mnt null --at 1; ls /mnt; ";

    [Test]
    public void Mount_is_gone_and_its_files_are_kept()
    {
        GiveUp();
        Until("cat /tmp/told", "hold: /mnt/file: revoked");
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt +- +given-up .* NullReference "));
        Assert.That(Fails("cat /mnt/file"), Is.EqualTo("cat: /mnt/file: not found"));
        Assert.That(Fails("mount -t memfs other /mnt"), Does.Contain("given up"));
        Succeeds("mount -t memfs none /mnt");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("kept"));
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt +\d+ +ready "));
    }

    [Test]
    public void Restart_makes_the_mount_again_as_it_was()
    {
        GiveUp();
        Succeeds("restart memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("kept"));
        Assert.That(Succeeds("mount"), Does.Contain("none on /mnt type memfs (rw,ondeath=hold)"));
    }

    [Test]
    public void Files_of_a_mount_that_was_given_up_go_with_umount()
    {
        GiveUp();
        Succeeds("umount /mnt");
        Assert.That(Succeeds("servers"), Does.Not.Contain("/mnt"));
        Succeeds("mount -t memfs other /mnt");
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }

    private void GiveUp()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo kept > /mnt/file");
        Succeeds("hold /mnt/file > /tmp/told &");
        Until("cat /tmp/told", "hold: /mnt/file: 5 bytes");
        // One line, since the budget is for half a minute.
        Succeeds(string.Concat(Enumerable.Repeat(CrashOnce, Crashes)), timeoutSeconds: 60);
        Assert.That(Run(CrashOnce), Is.EqualTo("ls: /mnt: revoked (may have happened)"));
    }
}

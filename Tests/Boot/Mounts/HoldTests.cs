// An open file whose server is killed: it goes on, or it is revoked, as ondeath says.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class HoldTests : BootTest
{
    [Test]
    public void Open_file_is_revoked_when_its_mount_vanishes()
    {
        Hold("-o ondeath=vanish");
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
        Until("cat /tmp/told", "hold: /mnt/file: revoked");
        Assert.That(Succeeds("jobs"), Does.Contain("running"));
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }

    [Test]
    public void Open_file_stays_a_file_of_its_mount_when_its_server_dies()
    {
        Hold("-o ondeath=hold");
        Succeeds("kill memfs@/mnt");
        Succeeds("ls /mnt");
        Assert.That(Succeeds("mount"), Does.Contain("on /mnt type memfs (rw,ondeath=hold)"));
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt +\d+ +ready .* 1 +Killed"));
        Succeeds("umount /mnt");
        // Only umount ends it: the death of its server did not.
        Until("cat /tmp/told", "hold: /mnt/file: revoked");
    }

    private void Hold(string options)
    {
        Succeeds($"mount -t memfs {options} none /mnt");
        Succeeds("echo hello > /mnt/file");
        Succeeds("hold /mnt/file > /tmp/told &");
        Until("cat /tmp/told", "hold: /mnt/file: 6 bytes");
    }
}

// The founding experiment: the demonstration holds all its claims, and leaves nothing behind.

using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class DemoTests : BootTest
{
    [Test]
    public void Demo_mount_holds_its_claims_and_leaves_nothing_behind()
    {
        int before = CountTasks();
        string answer = Succeeds("demo mount", timeoutSeconds: 120);
        Assert.That(answer, Does.Not.Contain("FAILED").And.EndWith("nothing was left behind."));
        foreach (string pin in new[] { "zombie", "stopped", "thread", "inflight", "reader" })
        {
            Assert.That(answer, Does.Contain($"pin {pin}:"));
        }
        Assert.That(answer, Does.Contain("ok: the open file is revoked"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/tmp/demo"));
        Assert.That(CountTasks(), Is.EqualTo(before));
        Assert.That(Succeeds("jobs"), Is.Empty);
    }

    /// <summary>Without what the supervisor keeps in stock: the spare comes back, and a template
    /// is made, some milliseconds after a start.</summary>
    private int CountTasks() => Succeeds("ps").Split('\n')
        .Count(line => !line.Contains("+spare") && !line.Contains("+template"));

    [Test]
    public void Demo_crash_holds_its_claims_and_can_be_played_again()
    {
        for (int play = 0; play < 2; play++)
        {
            string answer = Succeeds("demo crash", timeoutSeconds: 120);
            Assert.That(answer, Does.Not.Contain("FAILED"));
            Assert.That(answer, Does.EndWith("The end: nothing was lost, nothing is left."));
            Assert.That(answer, Does.Contain("servers -v faulty@/tmp/crash"));
        }
        Assert.That(Succeeds("mount"), Does.Not.Contain("/tmp/crash"));
        Assert.That(Succeeds("servers"), Does.Not.Contain("/tmp/crash"));
        Assert.That(Succeeds("jobs"), Is.Empty);
    }

    [Test]
    public void Demo_upgrade_holds_its_claims_and_can_be_played_again()
    {
        for (int play = 0; play < 2; play++)
        {
            string answer = Succeeds("demo upgrade", timeoutSeconds: 120);
            Assert.That(answer, Does.Not.Contain("FAILED"));
            Assert.That(answer, Does.EndWith("The end: nothing was lost, nothing is left."));
            Assert.That(answer, Does.Contain("memfs3 is refused").And.Contain("memfs is refused"));
            Assert.That(answer, Does.Contain("has all its lines, 5"));
        }
        Assert.That(Succeeds("mount"), Does.Not.Contain("/tmp/upgrade"));
        Assert.That(Succeeds("servers"), Does.Not.Contain("/tmp/upgrade"));
    }

    [Test]
    public void Hold_learns_of_umount_and_lives_on()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo hello > /mnt/f");
        Succeeds("hold /mnt/f > /tmp/told &");
        Until("cat /tmp/told", "hold: /mnt/f: 6 bytes");
        Succeeds("umount /mnt");
        Until("cat /tmp/told", "hold: /mnt/f: revoked");
        Assert.That(Run("jobs"), Does.Contain("running"));
    }

    [Test]
    public void Waits_show_the_message_in_flight()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("pin inflight /mnt");
        Assert.That(Run("waits"), Does.Contain("pin.").And.Contain("queued"));
        Assert.That(Run("ps"), Does.Contain("stopped").And.Contain("main-exited"));
    }
}

// Each case that pins a mount on Linux: what the lists show, that the clients can be killed at
// once, and that umount needs no time, whoever is left.

using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed partial class PinTests : BootTest
{
    [TestCase("zombie", "zombie")]
    [TestCase("stopped", "stopped")]
    [TestCase("thread", "main-exited")]
    [TestCase("inflight", "stopped")]
    [TestCase("reader", "running")]
    public void Pin_is_listed_and_umount_takes_no_time(string pin, string state)
    {
        Succeeds("mount -t memfs none /mnt");
        string told = Succeeds($"pin {pin} /mnt");
        string client = Client().Match(told).Groups[1].Value;
        Assert.That(Succeeds("ps"), Does.Match($@"(?m)^ *{client}  pin\.1 +{state} "));
        Assert.That(SucceedsAtOnce("umount /mnt"), Is.Empty);
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
        Fails("cat /mnt/pinned");
    }

    [TestCase("stopped")]
    [TestCase("thread")]
    [TestCase("inflight")]
    [TestCase("reader")]
    public void Client_is_killed_at_once_and_the_mount_goes_on(string pin)
    {
        Succeeds("mount -t memfs none /mnt");
        string told = Succeeds($"pin {pin} /mnt");
        foreach (Match client in Client().Matches(told))
        {
            string process = client.Groups[1].Value;
            SucceedsAtOnce($"kill {process}");
            Assert.That(Succeeds("ps"), Does.Not.Match($"(?m)^ *{process}  pin"));
            Assert.That(Fails($"kill {process}"), Does.StartWith($"kill: {process}: "));
        }
        Succeeds("echo again > /mnt/file");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("again"));
    }

    [Test]
    public void Reader_on_a_hung_server_is_shown_with_its_mount()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("pin reader /mnt");
        Assert.That(Run("waits"),
            Does.Match(@"pin\.1\[\d+\] +memfs@/mnt\[\d+\] +/mnt +in its hands"));
        Until("servers", "Hung");
        Assert.That(Succeeds("servers memfs@/mnt"), Does.Contain("died: Hung"));
    }

    [GeneratedRegex(@"pin: process (\d+) ")]
    private static partial Regex Client();
}

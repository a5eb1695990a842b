// What each kind of machine must do from the ISO: boot, list, lose a server, and power off.

using NUnit.Framework;

namespace Tests.Boot.Media;

public abstract class IsoTest : BootTest
{
    /// <summary>For machines that are slower than QEMU.</summary>
    private const int Seconds = 60;

    [Test]
    public void System_of_the_iso_boots_survives_a_kill_and_powers_off()
    {
        Assert.That(Machine.CurrentLine, Is.EqualTo("cosmos:/$ "));
        Assert.That(Succeeds("ls", Seconds), Does.Contain("proc"));
        Assert.That(Succeeds("mount", Seconds), Does.Contain("memory on / type memfs"));
        Succeeds("write /tmp/kept still' 'here", Seconds);
        Succeeds("kill memfs@/", Seconds);
        Assert.That(Succeeds("cat /tmp/kept", Seconds), Is.EqualTo("still here"));
        Assert.That(PowerOff(), Is.Zero);
    }
}

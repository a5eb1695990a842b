// Ctrl-C: first it cancels the call of the foreground command, then it kills.

using System.Threading;
using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class InterruptTests : BootTest
{
    private const byte ControlC = 3;

    [Test]
    public void First_ctrl_c_cancels_the_call_and_tells_its_outcome()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo hello > /mnt/f");
        Succeeds("hang memfs@/mnt");
        TypeAndInterrupt("cat /mnt/f", 500);
        Machine.WaitForPrompt();
        Assert.That(
            Machine.Transcript, Does.Contain("cat: /mnt/f: cancelled (may have happened)"));
        Assert.That(Run("echo $?"), Is.EqualTo("130"));
    }

    [Test]
    public void Sleep_ends_at_ctrl_c_and_the_rest_of_the_line_is_dropped()
    {
        TypeAndInterrupt("sleep 1000; echo never", 1000);
        Machine.WaitForPrompt();
        Assert.That(Run("echo $?"), Is.EqualTo("130"));
        Assert.That(Machine.Transcript, Does.Not.Match("(?m)^never$"));
    }

    [Test]
    public void Second_ctrl_c_kills_the_job_in_the_foreground()
    {
        TypeAndInterrupt("run pin stopped /tmp", 1500);
        Machine.WaitFor("Ctrl-C again kills it");
        Machine.TypeBytes([ControlC]);
        Machine.WaitForPrompt();
        Assert.That(Machine.Transcript, Does.Contain("shell: pin: killed"));
        Assert.That(Run("ps"), Does.Not.Contain("pin."));
    }

    private void TypeAndInterrupt(string line, int pauseMs)
    {
        Machine.Type(line + "\n");
        Thread.Sleep(pauseMs);
        Machine.TypeBytes([ControlC]);
    }
}

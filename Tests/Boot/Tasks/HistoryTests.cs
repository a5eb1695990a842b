// servers -v: incarnation, the last five deaths with cause and stack, and the time to the answer.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class HistoryTests : BootTest
{
    [Test]
    public void Deaths_are_told_with_stack_and_time_to_the_first_answer()
    {
        Succeeds("mount -t memfs none /mnt");
        Assert.That(Succeeds("servers -v memfs@/mnt"), Does.Match(
            @"^memfs@/mnt\[\d+\]: ready, incarnation 0, policy hold,10/30s, "
            + "restarts 0, redelivered 0, poisoned 0$"));
        for (int crash = 0; crash < 6; crash++)
        {
            Succeeds("crash memfs@/mnt divide --at 1");
            Succeeds("ls /mnt");
        }
        string[] lines = Succeeds("servers -v memfs@/mnt").Split('\n');
        Assert.That(lines[0], Does.Match(
            "incarnation 6, .* restarts 6, redelivered 6, poisoned 0$"));
        Assert.That(lines, Has.Exactly(5).Matches(@"^  DivideError.* \(injected\) at [0-9.]+ s, "
            + "incarnation [1-5], redelivered 1, poisoned 0$"));
        Assert.That(lines, Has.Exactly(5).Matches(
            "^    received again after [0-9.]+ms, answered again after [0-9.]+ms$"));
        Assert.That(lines, Has.Exactly(5).Matches(@"Faults\.Divide"));
    }

    [Test]
    public void Poisoned_requests_are_counted()
    {
        Succeeds("mount -t faulty none /mnt");
        Fails("cat /mnt/null");
        string[] lines = Succeeds("servers -v faulty@/mnt").Split('\n');
        Assert.That(lines[0], Does.EndWith("restarts 2, redelivered 1, poisoned 1"));
        Assert.That(lines[1], Does.EndWith("redelivered 0, poisoned 1"));
        Assert.That(Succeeds("servers -v"), Does.Contain("\nvfs[").And.Contain("faulty@/mnt["));
        Assert.That(Fails("servers -v nobody"), Is.EqualTo("servers: nobody: no such task"));
    }
}

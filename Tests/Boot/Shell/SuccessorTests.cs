// A shell that dies leaves its jobs running, and the next one lists them.

using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class SuccessorTests : BootTest
{
    [Test]
    public void Next_shell_lists_the_jobs_of_the_one_that_was_killed()
    {
        Succeeds("echo hello > /tmp/f");
        Succeeds("hold /tmp/f > /tmp/told &");
        Machine.Type("kill shell\n");
        Machine.WaitFor("Jobs of earlier shells:");
        Machine.WaitForPrompt();
        Assert.That(Run("jobs"), Does.Match(@"\[\d+\] running \d+ hold /tmp/f"));
        Assert.That(Run("ps"), Does.Contain("hold."));
    }

    [Test]
    public void Next_shell_comes_after_a_crash_and_after_exit()
    {
        Machine.Type("crash shell null\n");
        Machine.WaitFor("CosmosKernel: every module");
        Machine.WaitForPrompt();
        Assert.That(Run("servers shell"), Does.Contain("NullReference"));
        Machine.Type("exit\n");
        Machine.WaitFor("CosmosKernel: every module");
        Machine.WaitForPrompt();
        Assert.That(Run("echo here"), Is.EqualTo("here"));
    }
}

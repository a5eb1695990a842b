// The shell dies: the next one is in the same place, with the same lines, and lists the jobs.

using System;
using System.Threading;
using NUnit.Framework;

namespace Tests.Boot.Deaths;

public sealed class ShellTests : BootTest
{
    // A shell that is killed has not ended the line that kills it.
    [TestCase("kill shell", "1")]
    [TestCase("crash shell throw", "0")]
    public void Next_shell_has_directory_status_history_and_jobs(string death, string status)
    {
        Succeeds("mkdir -p /home/d/e");
        Run("hold /proc/mounts > /tmp/told &");
        Run("cd /home/d/e; false");
        for (int round = 0; round < 3; round++)
        {
            Machine.Type($"{death}\n");
            // The one that is told to crash may prompt once more before it does.
            WaitForGreeting(1 + round);
            Machine.WaitForPrompt();
            Assert.That(Machine.CurrentLine, Does.StartWith("cosmos:/home/d/e$"));
        }
        Assert.That(Run("echo $?"), Is.EqualTo(status));
        Assert.That(Run("history"), Does.Contain("mkdir -p /home/d/e"));
        Assert.That(Run("jobs"), Does.Contain("hold /proc/mounts"));
    }

    private void WaitForGreeting(int count)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(30);
        while (Machine.Transcript.Split("Jobs of earlier shells:").Length - 1 < count)
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), "the next shell does not come");
            Thread.Sleep(50);
        }
    }

    [Test]
    public void Shell_after_exit_starts_at_the_root_with_the_history()
    {
        Run("cd /tmp");
        Machine.Type("exit\n");
        Machine.WaitFor("CosmosKernel: every module");
        Machine.WaitForPrompt();
        Assert.That(Machine.CurrentLine, Does.StartWith("cosmos:/$"));
        Assert.That(Run("history"), Does.Contain("cd /tmp"));
    }
}

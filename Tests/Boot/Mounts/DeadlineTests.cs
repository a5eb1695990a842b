// -o deadline=SECONDS: the longest that a call waits, whatever the server or its restart does.

using System;
using System.Diagnostics;
using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class DeadlineTests : BootTest
{
    /// <summary>Far below what the server takes, and far above the deadline.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1.7);

    [Test]
    public void Call_to_a_hung_server_ends_at_the_deadline_of_its_mount()
    {
        Succeeds("mount -t memfs -o deadline=0.5 none /mnt");
        Assert.That(Succeeds("mount"), Does.Contain("(rw,ondeath=hold,deadline=0.5)"));
        Succeeds("echo kept > /mnt/file");
        Succeeds("hang memfs@/mnt");
        Assert.That(FailsInTime("cat /mnt/file"), Does.Contain("timed out"));
        // In time it is found out, and the files are there.
        Assert.That(Until("cat /mnt/file", "kept"), Is.EqualTo("kept"));
    }

    [Test]
    public void Back_off_makes_no_call_wait_longer_than_its_deadline()
    {
        Succeeds("mount -t memfs -o deadline=0.5 none /mnt");
        const string crash = "crash memfs@/mnt null --at 1; ls /mnt; ";
        Succeeds(string.Concat(Enumerable.Repeat(crash, 7)));
        // The restart after the eighth is 0.8 s away.
        Succeeds("crash memfs@/mnt null --at 1");
        Assert.That(FailsInTime("cat /mnt/file"), Does.Contain("timed out (may have happened)"));
        Until("ls /mnt && echo served", "served");
    }

    [TestCase("deadline=0")]
    [TestCase("deadline=-3")]
    [TestCase("deadline=soon")]
    [TestCase("deadline=")]
    [TestCase("deadline=1,deadline=2")]
    public void Deadline_that_means_nothing_is_refused(string options)
    {
        Assert.That(Fails($"mount -t memfs -o {options} none /mnt"), Is.EqualTo(
            $"mount: {options}: bad option (a deadline is in seconds, from 0.001 to 86400)"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }

    private string FailsInTime(string line)
    {
        Machine.WaitForPrompt();
        long start = Stopwatch.GetTimestamp();
        string answer = Run(line);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Bound), $"'{line}': {answer}");
        Assert.That(Run("echo $?"), Is.Not.EqualTo("0"), $"'{line}' answered: {answer}");
        return answer;
    }
}

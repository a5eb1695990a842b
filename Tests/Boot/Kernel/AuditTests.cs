// After each kind of death of each kind of task the kernel shows that nothing of the dead is left.
//
// Meanwhile files are open, a pipe's reader is parked, the shell's own read is parked in the
// console, and calls with leases wait for servers that are stopped or hang.

using NUnit.Framework;

namespace Tests.Boot.Kernel;

public sealed class AuditTests : BootTest
{
    private void Prepare()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo kept > /mnt/kept");
        Run("hold /mnt/kept > /tmp/held &");
        Run("sleep 1000 | cat > /tmp/piped &");
        Until("cat /tmp/held", "5 bytes");
    }

    /// <summary>Everybody has answered since, and nothing is left.</summary>
    private void RequireClean(string order)
    {
        Assert.That(Run("cat /mnt/kept | cat", 60), Is.EqualTo("kept"), order);
        Succeeds("ls /proc", 60);
        Assert.That(Succeeds("audit"), Does.Contain("clean: "), order);
    }

    [TestCase("memfs@/mnt", "memfs2")]
    [TestCase("memfs@/", "")]
    [TestCase("procfs@/proc", "procfs")]
    [TestCase("vfs", "vfs")]
    [TestCase("pipes", "pipes")]
    [TestCase("console", "console")]
    [TestCase("supervisor", "")]
    public void Nothing_is_left_of_a_task_whatever_it_died_of(string task, string image)
    {
        Prepare();
        string[] orders =
        [
            $"kill {task}", $"crash {task} null", $"crash {task} throw --at 2",
            $"crash {task} exit --after-commit", $"hang {task}",
        ];
        foreach (string order in orders)
        {
            Run(order, 60);
            RequireClean(order);
        }
        if (image.Length == 0) return;
        Succeeds($"upgrade {task} {image}", 60);
        RequireClean("upgrade");
    }

    [Test]
    public void Nothing_is_left_of_a_shell_that_was_killed()
    {
        Prepare();
        Machine.Type("kill shell\n");
        Machine.WaitFor("CosmosKernel: every module");
        Machine.WaitForPrompt();
        RequireClean("kill shell");
    }

    [Test]
    public void Nothing_is_left_of_clients_that_die_in_calls_with_leases()
    {
        Prepare();
        Succeeds("stop memfs@/mnt");
        Run("cat /mnt/kept > /tmp/out &");
        Run("write /mnt/new text > /tmp/out2 &");
        Until("waits", "queued");
        Succeeds("audit");
        Succeeds("kill cat");
        Succeeds("kill write");
        Succeeds("audit");
        Succeeds("cont memfs@/mnt");
        RequireClean("clients of a stopped server");

        Succeeds("hang memfs@/mnt --at 1");
        Run("cat /mnt/kept > /tmp/out &");
        Until("waits", "in its hands");
        Succeeds("audit");
        Succeeds("kill cat");
        Succeeds("audit");
        Run("kill memfs@/mnt");
        RequireClean("a client of a hung server");
    }

    [Test]
    public void Nothing_is_left_of_a_mount_that_was_unmounted_under_its_clients()
    {
        Prepare();
        Succeeds("umount /mnt");
        Assert.That(Succeeds("audit"), Does.Contain("clean: "));
        Succeeds("mount -t memfs -o ondeath=vanish none /mnt");
        Succeeds("echo kept > /mnt/kept");
        Run("hold /mnt/kept > /tmp/held2 &");
        Run("kill memfs@/mnt");
        Assert.That(Succeeds("audit"), Does.Contain("clean: "));
    }
}

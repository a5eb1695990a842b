// The supervisor is a task like any other: whatever ends it, the next one adopts what runs.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class SupervisorDeathTests : BootTest
{
    private string Process(string name)
    {
        string row = Succeeds("ps");
        int at = row.IndexOf($" {name} ", System.StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThan(0), row);
        int line = row.LastIndexOf('\n', at) + 1;
        return row[line..at].Trim();
    }

    private void RequireEverything(string vfs)
    {
        Succeeds("ls /");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("mount"), Does.Contain("memfs@/mnt").And.Contain("procfs@/proc"));
        Assert.That(Process("vfs"), Is.EqualTo(vfs), "a child was restarted");
        Assert.That(Succeeds("jobs"), Does.Contain("hold /mnt/kept"));
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
    }

    private string Prepare()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo kept > /mnt/kept");
        Run("hold /mnt/kept > /tmp/held &");
        return Process("vfs");
    }

    [Test]
    public void Killed_supervisor_adopts_everything_that_runs()
    {
        string vfs = Prepare();
        for (int death = 0; death < 8; death++)
        {
            Succeeds("kill supervisor");
            RequireEverything(vfs);
        }

        Assert.That(Succeeds("servers"), Does.Match(@"supervisor +\d+ +ready +\S+ +8 +Killed"));
        Succeeds("umount /mnt");
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }

    [TestCase("null")]
    [TestCase("divide")]
    [TestCase("throw")]
    [TestCase("stack")]
    [TestCase("memory")]
    [TestCase("exit")]
    public void Crashed_supervisor_adopts_everything_that_runs(string fault)
    {
        string vfs = Prepare();
        Run($"crash supervisor {fault}", timeoutSeconds: 60);
        RequireEverything(vfs);
        Assert.That(Succeeds("servers supervisor"), Does.Contain("supervisor[1] died"));
    }

    [TestCase("crash supervisor loop")]
    [TestCase("hang supervisor")]
    public void Hung_supervisor_is_replaced_by_the_kernel(string command)
    {
        string vfs = Prepare();
        Run(command, timeoutSeconds: 60);
        Assert.That(Run("mount", timeoutSeconds: 60), Does.Contain("memfs@/mnt"));
        RequireEverything(vfs);
        Assert.That(Succeeds("servers supervisor"), Does.Contain("died: Hung"));
    }

    [Test]
    public void Death_while_the_supervisor_is_dead_is_not_missed()
    {
        Prepare();
        Run("hang supervisor");
        Run("kill memfs@/mnt &");
        Assert.That(Run("cat /mnt/kept", timeoutSeconds: 60), Is.EqualTo("kept"));
        Until("servers", "Killed", timeoutSeconds: 60);
    }
}

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

    private void RequireEverything(string vfs, string job = "hold /mnt/kept")
    {
        Succeeds("ls /");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("mount"), Does.Contain("memfs@/mnt").And.Contain("procfs@/proc"));
        Assert.That(Process("vfs"), Is.EqualTo(vfs), "a child was restarted");
        Assert.That(Succeeds("jobs"), Does.Contain(job));
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

    [TestCase("null")]
    [TestCase("exit")]
    public void Supervisor_whose_vault_was_emptied_adopts_everything_that_runs(string fault)
    {
        string vfs = Prepare();
        Succeeds("upgrade memfs@/mnt memfs2");
        Succeeds("mount -t procfs -o ondeath=fail none /etc");
        Run($"crash supervisor {fault} --early 3", timeoutSeconds: 60);
        Assert.That(Run("servers", 60), Does.Match("memfs@/mnt .* memfs2"));
        Assert.That(Succeeds("log"), Does.Contain("the vault was emptied"));
        Assert.That(Succeeds("mount"), Does.Contain("procfs (rw,ondeath=fail) by procfs@/etc"));
        RequireEverything(vfs, "hold");
        Assert.That(Succeeds("cat /tmp/held"), Does.Not.Contain("revoked"));
        Assert.That(Succeeds("echo piped | cat"), Is.EqualTo("piped"));
        Succeeds("kill console; kill pipes; kill vfs; kill hold");
        Assert.That(Succeeds("audit"), Does.Contain("clean: "));
        Succeeds("umount /mnt; umount /etc");
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }

    [Test]
    public void Early_death_of_the_supervisor_empties_nothing_before_the_third()
    {
        string vfs = Prepare();
        Run("crash supervisor throw --early 2", timeoutSeconds: 60);
        RequireEverything(vfs);
        Assert.That(Succeeds("log"), Does.Not.Contain("the vault was emptied"));
        Assert.That(Fails("crash vfs null --early 2"), Does.Contain("is not the supervisor"));
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

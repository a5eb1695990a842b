// The supervisor and the shell themselves are replaced, and stay when their successors are no good.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Tasks;

public sealed class SelfUpgradeTests : UpgradeTest
{
    private readonly OtherImages _images = new(
        ("supervisor2", "supervisor"), ("supervisor3", "hello"),
        ("shell2", "shell"), ("shell3", "hello"));

    protected override IMachineOptions Options => _images.Apply(new QemuOptions());

    [TearDown] public void RemoveImages() => _images.Dispose();

    private string ImageOf(string name) => ServerRow(name).Split(' ')[^1];

    private void RequireAll()
    {
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("jobs"), Does.Contain("running"));
        Assert.That(Succeeds("cat /tmp/held"), Does.Not.Contain("revoked"));
        Succeeds("audit");
    }

    [Test]
    public void Supervisor_is_replaced_and_its_successor_has_all_tasks_mounts_and_jobs()
    {
        Prepare();
        Succeeds("upgrade supervisor supervisor2");
        Assert.That(ImageOf("supervisor"), Is.EqualTo("supervisor2"));
        RequireAll();
        Succeeds("kill supervisor");
        Assert.That(ImageOf("supervisor"), Is.EqualTo("supervisor2"));
        RequireAll();
        Succeeds("umount /mnt");
    }

    [Test]
    public void Supervisor_stays_when_the_next_version_does_not_get_to_serve()
    {
        Prepare();
        Assert.That(
            Fails("upgrade supervisor supervisor3"), Does.Contain("did not pass its probe"));
        Assert.That(ImageOf("supervisor"), Is.EqualTo("supervisor"));
        RequireAll();
        Assert.That(Succeeds("log"), Does.Contain("did not get to serve"));
        Succeeds("umount /mnt");
    }

    [Test]
    public void Shell_is_replaced_at_its_own_prompt()
    {
        Prepare();
        Succeeds("cd /mnt");
        Machine.Type("upgrade shell shell2\n");
        Machine.WaitFor("Jobs of earlier shells:");
        Machine.WaitForPrompt();
        Assert.That(ImageOf("shell"), Is.EqualTo("shell2"));
        Assert.That(Succeeds("pwd"), Is.EqualTo("/mnt"));
        RequireAll();
    }

    [Test]
    public void Shell_stays_when_the_next_version_is_no_good()
    {
        Prepare();
        Assert.That(Fails("upgrade shell shell3"), Does.Contain("did not pass its probe"));
        Assert.That(ImageOf("shell"), Is.EqualTo("shell"));
        RequireAll();
    }
}

// A mount whose restart budget is spent: it is gone, and its vault waits for who wants it back.

using System.Linq;
using NUnit.Framework;
using Servers;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.Supervisor;

public sealed partial class SupervisorTests
{
    private const string GivenUpTask = "memfs@/mnt";

    /// <summary>Answers the root that clients had.</summary>
    private Handle GiveUpMount()
    {
        Assert.That(_client.Mount("m", "/mnt", "memfs", "ro"), Is.EqualTo(Status.Ok));
        Handle root = RootOf(2);
        for (int i = 0; i < SystemTable.UsualBudget.Failures; i++)
        {
            Crash(GivenUpTask);
            _machine.Advance(SystemTable.UsualBudget.LastDelayMs * Ms);
            Assert.That(_processes.IsRunning(GivenUpTask), Is.True, $"after failure {i + 1}");
        }
        Crash(GivenUpTask);
        return root;
    }

    private ulong VaultOfMount() =>
        _processes.All.Last(one => one.Name == GivenUpTask).Spec.Vault;

    [Test]
    public void Mount_that_fails_again_and_again_is_given_up()
    {
        Handle root = GiveUpMount();
        Assert.That(Mounts, Has.Length.EqualTo(2));
        Assert.That(TypeOf(root), Is.EqualTo(ObjectType.Tombstone));
        Assert.That(_machine.LogLines, Has.Some.Contains("give up memfs@/mnt"));
        Assert.That(Server(GivenUpTask)[2], Is.EqualTo("given-up"));
        _machine.Advance(60_000 * Ms);
        Assert.That(_processes.IsRunning(GivenUpTask), Is.False);
    }

    [Test]
    public void Mount_that_was_given_up_finds_its_vault_when_it_is_made_again()
    {
        GiveUpMount();
        ulong vault = VaultOfMount();
        Assert.That(_client.Mount("m", "/mnt", "memfs", "ondeath=fail"), Is.EqualTo(Status.Ok));
        Assert.That(VaultOfMount(), Is.EqualTo(vault).And.Not.Zero);
        Assert.That(Mounts[2], Does.Contain("(rw,ondeath=fail)"));
        Assert.That(TypeOf(RootOf(2)), Is.EqualTo(ObjectType.Endpoint));
        Crash(GivenUpTask);
        Assert.That(_processes.IsRunning(GivenUpTask), Is.True, "the budget is whole again");
    }

    [Test]
    public void Mount_that_was_given_up_is_made_again_as_it_was_by_restart()
    {
        GiveUpMount();
        ulong vault = VaultOfMount();
        Assert.That(_client.Restart(GivenUpTask), Is.EqualTo(Status.Ok));
        Assert.That(VaultOfMount(), Is.EqualTo(vault));
        Assert.That(Mounts[2], Does.StartWith("m on /mnt type memfs (ro,ondeath=hold)"));
        Assert.That(_client.Mount("m", "/mnt", "memfs", ""), Is.EqualTo(Status.AlreadyExists));
    }

    [Test]
    public void Vault_of_a_mount_that_was_given_up_is_nobody_elses()
    {
        GiveUpMount();
        Assert.That(_client.Mount("other", "/mnt", "memfs", ""), Is.EqualTo(Status.GivenUp));
        Assert.That(_client.Mount("m", "/mnt", "procfs", ""), Is.EqualTo(Status.GivenUp));
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.Ok));
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.NotMounted));
        Assert.That(_client.Mount("other", "/mnt", "memfs", ""), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Mount_that_was_given_up_stays_so_when_it_cannot_start()
    {
        GiveUpMount();
        _processes.StartAnswers[GivenUpTask] = Status.NoMemory;
        Assert.That(_client.Restart(GivenUpTask), Is.EqualTo(Status.NoMemory));
        Assert.That(Server(GivenUpTask)[2], Is.EqualTo("given-up"));
        Assert.That(Mounts, Has.Length.EqualTo(2));
        _processes.StartAnswers.Clear();
        Assert.That(_client.Restart(GivenUpTask), Is.EqualTo(Status.Ok));
        Assert.That(Mounts, Has.Length.EqualTo(3));
    }
}

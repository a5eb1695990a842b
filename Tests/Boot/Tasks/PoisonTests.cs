// A request that really crashes its server: the second time it is answered Poisoned, and the server
// lives on.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class PoisonTests : BootTest
{
    [TestCase("null", "NullReference")]
    [TestCase("divide", "DivideError")]
    [TestCase("throw", "UnhandledException")]
    [TestCase("stack", "StackOverflow")]
    [TestCase("exit", "Exit")]
    [TestCase("loop", "Hung")]
    [TestCase("hang", "Hung")]
    public void Request_that_kills_its_server_twice_is_poisoned(string file, string cause)
    {
        Succeeds("mount -t faulty none /mnt");
        Assert.That(Succeeds("cat /mnt/fine"), Is.EqualTo("fine was read"));
        Assert.That(Fails($"cat /mnt/{file}"), Is.EqualTo(
            $"cat: /mnt/{file}: request has crashed its server twice (may have happened)"));
        Assert.That(Succeeds("cat /mnt/fine"), Is.EqualTo("fine was read"));
        Assert.That(Succeeds("servers"), Does.Match($@"faulty@/mnt +\d+ +ready .* 2 +{cause} "));
        Assert.That(Succeeds("servers faulty@/mnt"), Does.Not.Contain("(injected)"));
    }

    [Test]
    public void Third_poisoning_revokes_the_capability_and_not_the_mount()
    {
        Succeeds("mount -t faulty none /mnt");
        Assert.That(Succeeds("run pin poison /mnt", timeoutSeconds: 60), Is.EqualTo(
            "  read: Poisoned\n  read: Poisoned\n  read: Poisoned\n  read: Revoked\n  read: Ok"));
        Assert.That(Succeeds("mount"), Does.Contain("none on /mnt type faulty"));
        Assert.That(Succeeds("cat /mnt/fine"), Is.EqualTo("fine was read"));
    }

    /// <summary>Not the request's fault: it is delivered until the budget is spent.</summary>
    [Test]
    public void Request_is_not_poisoned_when_the_memory_runs_out()
    {
        Succeeds("mount -t faulty none /mnt");
        Assert.That(Fails("cat /mnt/memory"), Does.EndWith("revoked (may have happened)"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }
}

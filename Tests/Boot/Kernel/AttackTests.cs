// Nothing that ring 3 does harms the kernel: every attack in a process of its own, then a look at
// what the kernel has, and at whether everybody still works.

using NUnit.Framework;

namespace Tests.Boot.Kernel;

public sealed class AttackTests : BootTest
{
    private const int AttackSeconds = 300;

    [Test]
    public void Kernel_survives_every_attack_and_loses_nothing()
    {
        string answer = Run("run attack all", AttackSeconds);
        TestContext.Out.WriteLine(answer);
        Assert.That(answer, Does.Match("[0-9]+ attacks, 0 failed"));
        Succeeds("write /tmp/after still here");
        Assert.That(Succeeds("cat /tmp/after").Trim(), Is.EqualTo("still here"));
    }
}

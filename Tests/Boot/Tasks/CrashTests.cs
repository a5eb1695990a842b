// Every server can be killed and crashed in every way, and is back with its cause of death on
// record.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class CrashTests : BootTest
{
    [TestCase("vfs")]
    [TestCase("pipes")]
    [TestCase("console")]
    [TestCase("memfs@/")]
    [TestCase("procfs@/proc")]
    public void Server_is_back_when_it_was_killed(string name)
    {
        Run($"kill {name}");
        Succeeds("ls /");
        Succeeds("cat /proc/mounts");
        Assert.That(Run("ps"), Does.Contain(name));
    }

    [TestCase("null")]
    [TestCase("divide")]
    [TestCase("throw")]
    [TestCase("stack")]
    [TestCase("loop")]
    [TestCase("memory")]
    [TestCase("exit")]
    public void Server_is_back_when_it_has_crashed(string fault)
    {
        Run($"crash vfs {fault}");
        Succeeds("ls /", timeoutSeconds: 60);
        Until("servers", "vfs");
    }

    [Test]
    public void Shell_is_back_when_it_was_killed()
    {
        Machine.Type("kill shell\n");
        Machine.WaitForPrompt();
        Succeeds("ls /");
    }
}

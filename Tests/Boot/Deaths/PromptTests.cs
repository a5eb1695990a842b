// Whoever dies at the prompt, again and again: the prompt is back, and everything is there.

using NUnit.Framework;

namespace Tests.Boot.Deaths;

public sealed class PromptTests : BootTest
{
    private static readonly string[] Servers = ["vfs", "console", "pipes"];

    [Test]
    public void Every_mount_and_file_is_there_whoever_was_killed()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("write /mnt/f kept; cd /mnt");
        string mounts = Succeeds("mount");
        for (int round = 0; round < 3; round++)
        {
            foreach (string name in Servers) Succeeds($"kill {name}");
            Succeeds("kill vfs; kill console; kill pipes");
            Machine.Type("kill shell\n");
            Machine.WaitFor("CosmosKernel: every module");
            Machine.WaitForPrompt();
            Assert.That(Run("pwd"), Is.EqualTo("/mnt"));
            Assert.That(Succeeds("mount"), Is.EqualTo(mounts));
            Assert.That(Succeeds("cat f | cat"), Is.EqualTo("kept"));
            Assert.That(Succeeds("cat /proc/mounts"), Does.Contain("/mnt"));
        }
    }

    [TestCase("vfs", "null")]
    [TestCase("vfs", "stack")]
    [TestCase("console", "null")]
    [TestCase("console", "throw")]
    [TestCase("pipes", "null")]
    [TestCase("pipes", "memory")]
    public void Every_mount_and_file_is_there_when_a_server_has_crashed(string name, string fault)
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("write /mnt/f kept");
        for (int round = 0; round < 2; round++)
        {
            Run($"crash {name} {fault}", timeoutSeconds: 60);
            Assert.That(Succeeds("cat /mnt/f | cat", 60), Is.EqualTo("kept"));
        }
        Assert.That(Run("servers"), Does.Match($@"{name} .* 2 "));
    }
}

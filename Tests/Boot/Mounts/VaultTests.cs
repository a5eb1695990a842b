// What a memfs has answered is there after every death of it.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class VaultTests : BootTest
{
    [Test]
    public void File_is_there_after_a_kill_and_an_open_file_goes_on()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo hello > /mnt/f");
        // It says once what it has found; not here, where that would be taken for an answer.
        Run("hold /mnt/f > /tmp/held &");
        string held = Until("cat /tmp/held", "6 bytes");
        Succeeds("kill memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/f"), Is.EqualTo("hello"));
        Run("sleep 3");
        Assert.That(Succeeds("cat /tmp/held"), Is.EqualTo(held));
        Assert.That(Run("jobs"), Does.Contain("hold /mnt/f"));
    }

    [TestCase("null")]
    [TestCase("stack")]
    [TestCase("throw")]
    [TestCase("memory")]
    public void File_is_there_after_a_crash(string fault)
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("mkdir /mnt/d");
        Succeeds("echo hello > /mnt/d/f");
        Run($"crash memfs@/mnt {fault}");
        Assert.That(Succeeds("cat /mnt/d/f", timeoutSeconds: 60), Is.EqualTo("hello"));
        Assert.That(Run("ls /mnt"), Is.EqualTo("d/"));
    }

    [Test]
    public void Root_keeps_its_files_when_its_server_dies()
    {
        Succeeds("echo kept > /home/f");
        Succeeds("kill memfs@/");
        Assert.That(Succeeds("cat /home/f"), Is.EqualTo("kept"));
    }
}

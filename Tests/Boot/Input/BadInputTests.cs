// Wrong input gives one clear line, and nothing is lost by it.

using NUnit.Framework;

namespace Tests.Boot.Input;

public sealed class BadInputTests : BootTest
{
    [TestCase("nosuchcommand")]
    [TestCase("cat /nosuchfile")]
    [TestCase("ls --nosuchoption")]
    [TestCase("mount -t nosuchtype none /mnt")]
    [TestCase("mount -t memfs -o ondeath=never none /mnt")]
    [TestCase("umount /tmp")]
    [TestCase("kill nosuchtask")]
    [TestCase("kill 99999")]
    public void Command_answers_one_line_when_it_is_wrong(string line)
    {
        Fails(line);
        Assert.That(Run("echo still here"), Is.EqualTo("still here"));
    }

    [Test]
    public void Mount_over_a_mount_is_refused()
    {
        Succeeds("mount -t memfs none /mnt");
        Fails("mount -t memfs none /mnt");
    }

    [Test]
    public void Line_of_10000_characters_is_answered()
    {
        string answer = Run("echo " + new string('x', 10_000));
        Assert.That(answer, Does.EndWith("shell: line too long"));
        Assert.That(Run("echo $?"), Is.EqualTo("1"));
        Assert.That(Run("echo still here"), Is.EqualTo("still here"));
    }

    [Test]
    public void Bytes_that_are_not_text_are_survived()
    {
        Machine.TypeBytes([0xFF, 0xFE, 0xC0, 0x80, (byte)'\n']);
        Machine.WaitFor("shell: line is not UTF-8");
        Machine.WaitForPrompt();
        Assert.That(Run("echo still here"), Is.EqualTo("still here"));
    }
}

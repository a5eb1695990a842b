// Lines at the prompt of a real machine: quotes, conditions, redirections, pipelines and jobs.

using NUnit.Framework;

namespace Tests.Boot.Shell;

public sealed class LanguageTests : BootTest
{
    [Test]
    public void Line_works_as_people_expect()
    {
        Assert.That(Run("echo 'a  b' \"c;d\" e\\ f # comment"), Is.EqualTo("a  b c;d e f"));
        Assert.That(Run("false && echo yes || echo no; echo $?"), Is.EqualTo("no\n0"));
        Assert.That(Run("cat /nothing; echo $?"), Is.EqualTo("cat: /nothing: not found\n1"));
        Assert.That(
            Run("echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f"), Is.EqualTo("one\ntwo"));
        Assert.That(Run("cat < /tmp/f | head -n 1 | wc"), Is.EqualTo("1 1 4"));
        Assert.That(
            Run("echo -n abc | sha256sum"),
            Is.EqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -"));
        Assert.That(Run("ls | | wc"), Is.EqualTo("shell: syntax: unexpected '|'"));
        Assert.That(Run("echo after"), Is.EqualTo("after"));
    }

    [Test]
    public void Job_runs_beside_the_shell_and_is_waited_for()
    {
        Assert.That(Run("sleep 1 && echo done > /tmp/f &"), Does.Match(@"^\[\d+\] \d+$"));
        Assert.That(Run("jobs"), Does.Contain("running").And.Contain("sleep 1 && echo done"));
        Succeeds("wait");
        Assert.That(Run("cat /tmp/f"), Is.EqualTo("done"));
        Assert.That(Run("jobs"), Is.Empty);
    }

    [Test]
    public void Prompt_follows_the_directory()
    {
        Machine.Type("cd /tmp\n");
        Machine.WaitForPrompt();
        Assert.That(Machine.CurrentLine, Is.EqualTo("cosmos:/tmp$ "));
        Assert.That(Run("pwd"), Is.EqualTo("/tmp"));
    }

    [Test]
    public void Full_mount_is_one_line_and_loses_nothing()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("echo precious > /mnt/f");
        Succeeds("cat /proc/log > /mnt/x");
        string answer = "";
        for (int count = 0; count < 24 && answer.Length == 0; count++)
        {
            // Doubles until the volume is full.
            answer = Run("cat /mnt/x /mnt/x > /mnt/y; mv /mnt/y /mnt/x", timeoutSeconds: 60);
        }
        Assert.That(answer, Is.EqualTo("cat: output: no space left"));
        Assert.That(Run("cat /mnt/f"), Is.EqualTo("precious"));
    }
}

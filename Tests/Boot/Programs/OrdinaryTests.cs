// An ordinary .NET program and its ends: codes, exceptions, streams, Ctrl-C, and files that fail.

using System.Linq;
using System.Threading;
using NUnit.Framework;

namespace Tests.Boot.Programs;

public sealed class OrdinaryTests : BootTest
{
    private const byte ControlC = 3, ControlD = 4;

    [Test]
    public void Program_has_its_arguments_its_directory_and_its_code()
    {
        Succeeds("mkdir /tmp/here; cd /tmp/here");
        Assert.That(
            Succeeds("run ordinary words one 'two words' ''"),
            Is.EqualTo("in /tmp/here\n[one]\n[two words]\n[]"));
        Assert.That(Run("run ordinary return 7; echo $?"), Is.EqualTo("7"));
        Assert.That(Run("run ordinary exit 9; echo $?"), Is.EqualTo("before exit9"));
        Assert.That(Run("run ordinary; echo $?"), Does.Contain("usage").And.EndWith("2"));
    }

    [TestCase("throw boom", "System.InvalidOperationException: boom")]
    [TestCase("throw-thread", "System.InvalidOperationException: in a thread")]
    [TestCase("null now", "System.NullReferenceException")]
    [TestCase("fail-fast", "failed fast")]
    public void Exception_that_nobody_catches_is_told_and_is_134(string what, string text)
    {
        string answer = Run($"run ordinary {what}");
        Assert.That(answer, Does.Contain(text).And.Contain("   at "));
        Assert.That(answer, Does.EndWith("shell: ordinary: unhandled exception"));
        Run($"run ordinary {what} > /tmp/out");
        Assert.That(Run("echo $?"), Is.EqualTo("134"));
        Assert.That(Run("cat /tmp/out"), Does.Not.Contain("Exception"));
        Assert.That(Run("servers ordinary.1"), Does.Contain(text));
    }

    [Test]
    public void Streams_are_those_of_the_shell()
    {
        Assert.That(
            Succeeds("echo one | run ordinary copy"), Is.EqualTo("1: one\nend after 1"));
        Assert.That(Succeeds("run ordinary errors > /tmp/out"), Is.EqualTo("to the errors"));
        Assert.That(Succeeds("cat /tmp/out"), Is.EqualTo("to the output"));
        Succeeds("echo 'a line' > \"/tmp/it's a file\"");
        Assert.That(
            Succeeds("run ordinary copy < \"/tmp/it's a file\""),
            Is.EqualTo("1: a line\nend after 1"));
        Succeeds("run ordinary errors > /tmp/out 2> /tmp/errors");
        Succeeds("run ordinary errors >> /tmp/out 2>> /tmp/errors");
        Assert.That(Succeeds("cat /tmp/out"), Is.EqualTo("to the output\nto the output"));
        Assert.That(Succeeds("cat /tmp/errors"), Is.EqualTo("to the errors\nto the errors"));
        Assert.That(Succeeds("jobs"), Is.Empty);
        Machine.WaitForPrompt();
        Machine.Type("run ordinary copy\n");
        Thread.Sleep(1_500);
        Machine.Type("typed\n");
        Machine.WaitFor("1: typed");
        Machine.TypeBytes([ControlD]);
        Machine.WaitFor("end after 1");
        Machine.WaitForPrompt();
        Assert.That(Run("echo $?"), Is.EqualTo("0"));
    }

    [Test]
    public void Ctrl_c_ends_a_program_that_reads_and_is_heard_by_one_that_listens()
    {
        Machine.WaitForPrompt();
        // It reads again right after its answer; before its first read Ctrl-C would be nobody's.
        Machine.Type("run ordinary copy\ntyped\n");
        Machine.WaitFor("1: typed");
        Thread.Sleep(500);
        Machine.TypeBytes([ControlC]);
        Machine.WaitForPrompt();
        Assert.That(Run("echo $?"), Is.EqualTo("130"));
        Machine.Type("run ordinary cancel\n");
        Machine.WaitFor("waiting");
        Machine.TypeBytes([ControlC]);
        Machine.WaitFor("pressed");
        Machine.WaitForPrompt();
        Assert.That(Run("echo $?"), Is.EqualTo("0"));
    }

    [Test]
    public void Tasks_that_wait_may_be_more_than_threads()
    {
        Assert.That(Succeeds("run ordinary pool 15", 60), Is.EqualTo("100 tasks"));
        Assert.That(Succeeds("run ordinary threads"), Is.EqualTo("no more threads: True"));
    }

    [Test]
    public void Memory_that_is_used_up_ends_the_program_alone()
    {
        string answer = Run("run ordinary memory", 60);
        Assert.That(answer, Does.Match("shell: ordinary: (out of memory|unhandled exception)"));
        Assert.That(Run("echo $?"), Is.Not.EqualTo("0"));
        Assert.That(Succeeds("run ordinary return 0"), Is.Empty);
    }

    [Test]
    public void Open_file_of_a_mount_that_is_gone_throws()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("run ordinary revoked /mnt/file /tmp/sign > /tmp/told &");
        Until("cat /tmp/told", "ready");
        Succeeds("umount /mnt");
        Succeeds("touch /tmp/sign");
        string told = Until("cat /tmp/told", "open:");
        foreach (string what in new[] { "read", "write", "length", "set length", "flush" })
        {
            Assert.That(told, Does.Contain($"{what}: IOException: Stale file handle"), what);
        }
        Assert.That(told, Does.Contain("open: FileNotFoundException"));
    }

    [Test]
    public void Lines_that_a_program_has_written_are_there_though_it_dies_with_a_silent_server()
    {
        Succeeds("mount -t memfs -o ondeath=hold none /mnt");
        Succeeds("run ordinary lines /mnt/log 300 > /tmp/told &");
        Until("cat /tmp/told", "written");
        Succeeds("stop memfs@/mnt");
        string process = Succeeds("ps").Split('\n')
            .First(static row => row.Contains(" ordinary.")).Trim().Split(' ')[0];
        // One line: that the job has ended the shell says before its next prompt.
        Run($"kill {process}; kill memfs@/mnt; cp /mnt/log /tmp/seen");
        Assert.That(
            Until("cat /tmp/seen", "line 300"),
            Does.Contain(string.Join('\n', Enumerable.Range(1, 300).Select(i => $"line {i}"))));
        Assert.That(Succeeds("audit"), Does.Contain("clean: "));
    }

    [Test]
    public void Volume_that_is_full_throws_and_goes_on()
    {
        Succeeds("mount -t fat ram /mnt");
        string answer = Succeeds("run ordinary full /mnt/file", 120);
        Assert.That(answer, Does.Contain("fill: IOException: No space left on device"));
        Assert.That(answer, Does.Contain("whole chunks: True"));
        Assert.That(answer, Does.Contain("reserve: IOException:"));
        Assert.That(answer, Does.EndWith("again: 65536"));
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }

    [Test]
    public void Mount_that_is_read_only_is_read_and_not_changed()
    {
        string answer = Succeeds("run ordinary read-only /proc/uptime");
        foreach (string what in new[] { "write", "make", "delete", "directory", "move" })
        {
            Assert.That(answer, Does.Match($"(?m)^{what}: [A-Za-z]*Exception: "), answer);
        }
        Assert.That(answer, Does.EndWith("read: done"));
    }
}

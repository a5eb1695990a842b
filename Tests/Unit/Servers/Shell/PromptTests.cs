// The loop at the console: prompts, bad lines, completion, the greeting.

using NUnit.Framework;
using Servers.Shell;
using Shared.Abi;
using Shared.Contracts;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class PromptTests
{
    private HostShell _shell = null!;
    private FakeConsole _console = null!;

    [SetUp]
    public void MakeShell()
    {
        _shell = new HostShell();
        _console = _shell.Services.FakeConsole;
    }

    private string Run()
    {
        Prompt prompt = new(_shell.State, () => _shell.Streams());
        Assert.That(prompt.Run(), Is.Zero);
        return _console.Screen.ToString();
    }

    [Test]
    public void Prompt_shows_the_directory()
    {
        _console.Type("cd /mnt");
        _console.Type("pwd");
        Assert.That(Run(), Is.EqualTo(
            "CosmosKernel: every module can die and be replaced. Type help.\n"
            + "cosmos:/$ cd /mnt\ncosmos:/mnt$ pwd\n/mnt\ncosmos:/mnt$ "));
    }

    [Test]
    public void Bad_lines_are_one_error_each_and_the_next_works()
    {
        _console.Press(Status.TooLarge);
        _console.Lines.Enqueue((Status.Ok, [(byte)'e', 0xC3, 0x28], LineKind.Line));
        _console.Press(Status.Interrupted);
        _console.Press(Status.Cancelled);
        _console.Type("echo still here");
        string screen = Run();
        Assert.That(screen, Does.Contain("shell: line too long\n"));
        Assert.That(screen, Does.Contain("shell: line is not UTF-8\n"));
        Assert.That(screen, Does.Contain("\nstill here\n"));
    }

    [Test]
    public void Lost_session_is_opened_again()
    {
        _console.Press(Status.NotFound);
        _console.Type("echo again");
        Assert.That(Run(), Does.Contain("\nagain\n"));
        Assert.That(_shell.Services.SleptNs, Is.GreaterThan(0));
    }

    [Test]
    public void Console_that_never_comes_back_ends_the_shell()
    {
        for (int count = 0; count < 200; count++) _console.Press(Status.Revoked);
        Assert.That(new Prompt(_shell.State, () => _shell.Streams()).Run(), Is.EqualTo(1));
    }

    [Test]
    public void Next_shell_lists_the_jobs_of_the_last()
    {
        _shell.Type("run attack &");
        _console.Screen.Clear();
        Assert.That(Run(), Does.Contain("Jobs of earlier shells:\n[1] exit(0) 101 attack \n"));
    }

    [Test]
    public void Exit_ends_the_loop_with_its_code()
    {
        _console.Type("exit 4");
        Assert.That(new Prompt(_shell.State, () => _shell.Streams()).Run(), Is.EqualTo(4));
    }

    [Test]
    public void Interrupts_count_from_a_line_s_begin_to_its_end()
    {
        LateInterrupt interrupts = new();
        _shell = new HostShell(interrupts: interrupts);
        _console = _shell.Services.FakeConsole;
        _console.Type("true");
        _console.Type("nonsense");
        Run();
        Assert.That(interrupts.Calls, Is.EqualTo(new[] { "begin", "end", "begin", "end" }));
    }

    [Test]
    public void Prompt_that_was_cancelled_leaves_the_status_of_the_line_before()
    {
        _console.Type("run crasher");
        _console.Press(Status.Cancelled);
        _console.Type("echo $?");
        _console.Press(Status.Interrupted);
        _console.Type("echo $?");
        Assert.That(Run(), Does.Contain("\n135\n").And.Contain("\n130\n"));
    }

    [Test]
    public void Rest_of_a_line_is_dropped_though_the_interrupt_is_heard_late()
    {
        LateInterrupt interrupts = new();
        HostShell shell = new(interrupts: interrupts);
        interrupts.Services = shell.Services;
        Assert.That(shell.Type("run interrupted; echo never"), Is.Empty);
        Assert.That(shell.State.LastStatus, Is.EqualTo(130));
    }

    [TestCase("mk", 0u, "mkdir ")]
    [TestCase("ls | he", 5u, "head \nhelp \nhexdump ")]
    [TestCase("cat /t", 4u, "/tmp/")]
    [TestCase("cat /tmp/a", 4u, "/tmp/a\\ b ")]
    [TestCase("cat tm", 4u, "tmp/")]
    [TestCase("cat /nothing/x", 4u, "")]
    [TestCase("nonsens", 0u, "")]
    public void Tab_completes_commands_and_paths(string line, uint offset, string expected)
    {
        _shell.Type("touch '/tmp/a b'");
        _console.Tab(line);
        Run();
        Assert.That(_console.Completions, Is.EqualTo(new[] { (offset, expected) }));
    }

    [Test]
    public void Any_bytes_at_the_prompt_leave_the_loop_alive()
    {
        System.Random random = new(7);
        for (int count = 0; count < 300; count++)
        {
            byte[] line = new byte[random.Next(60)];
            for (int index = 0; index < line.Length; index++)
            {
                line[index] = random.Next(4) == 0
                    ? (byte)random.Next(256)
                    : (byte)"a /|&;<>'\"\\$?#.-\t"[random.Next(17)];
            }
            _console.Lines.Enqueue((Status.Ok, line, (LineKind)random.Next(2)));
        }
        _console.Type("cd /; echo alive");
        Assert.That(Run(), Does.EndWith("\nalive\ncosmos:/$ "));
    }

    [Test]
    public void Longest_line_is_taken_whole()
    {
        string text = new('x', Limits.MaxPathBytes - 5);
        _console.Type("echo " + text);
        Assert.That(Run(), Does.Contain("\n" + text + "\n"));
    }
}

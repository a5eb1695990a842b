// `run --ro` and `run --mount DIR`: what the shell makes of the words, and asks for.

using NUnit.Framework;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class NarrowRunTests
{
    private HostShell _shell = null!;

    [SetUp]
    public void Start()
    {
        _shell = new HostShell();
        _shell.Type("mkdir /a; mkdir /a/b; touch /f");
        _shell.Services.Jobs.Requests.Clear();
    }

    [TestCase("run --ro echo x", "run narrow echo ReadOnly")]
    [TestCase("run --mount /a echo x", "bring /a|run narrow echo")]
    [TestCase("cd /a; run --mount b echo x", "bring /a/b|run narrow echo")]
    [TestCase("run --mount /a --ro --mount /a/b echo x",
        "bring /a|bring /a/b|run narrow echo ReadOnly")]
    [TestCase("run --mount /a --mount /a/../a echo x", "bring /a|run narrow echo")]
    public void Program_is_asked_for_with_less(string line, string requests)
    {
        Assert.That(_shell.Type(line), Is.Empty);
        string asked = string.Join('|', _shell.Services.Jobs.Requests);
        Assert.That(asked, Does.StartWith(requests + "|run echo x in "));
    }

    [TestCase("run --ro", "run: usage: run [--ro] [--mount DIR]... PROGRAM [ARGUMENT...] [&]\n")]
    [TestCase("run --mount", "run: usage: run [--ro] [--mount DIR]... PROGRAM [ARGUMENT...] [&]\n")]
    [TestCase("run --mount /none echo", "run: /none: not found\n")]
    [TestCase("run --mount /f echo", "run: /f: not a directory\n")]
    public void Directory_that_is_none_is_told_before_anything_runs(string line, string told)
    {
        Assert.That(_shell.Type(line), Is.EqualTo(told));
        Assert.That(_shell.Services.Jobs.Requests, Is.Empty);
    }

    [Test]
    public void Option_after_the_program_is_the_programs()
    {
        _shell.Type("run echo --ro");
        Assert.That(
            _shell.Services.Jobs.Requests, Does.Contain("run echo --ro in /"));
    }

    [Test]
    public void Directories_are_brought_again_when_the_supervisor_forgets_them()
    {
        _shell.Services.Jobs.Forgetful = 1;
        Assert.That(_shell.Type("run --mount /a echo x"), Is.Empty);
        Assert.That(
            _shell.Services.Jobs.Requests,
            Is.EqualTo((string[])
                ["bring /a", "bring /a", "run narrow echo", "run echo x in /"]));
    }

    [Test]
    public void Background_line_with_less_is_run_by_a_shell_of_its_own()
    {
        _shell.Type("run --ro echo x &");
        Assert.That(
            string.Join('|', _shell.Services.Jobs.Requests),
            Does.Contain("run shell -c").And.Contain("run narrow echo ReadOnly"));
    }
}

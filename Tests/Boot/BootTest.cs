// Base of every boot test: a machine of its own, booted when it is first used.
//
// Rules: one file a case. A test types what a person would type. After each test the transcript of
// a failed one is shown, and a kernel panic fails it whatever it was about.

using System;
using System.Diagnostics;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using Tests.Rig;
using Tests.Rig.Machine;

// More than cores: many a test waits for a deadline to pass.
[assembly: LevelOfParallelism(3)]
[assembly: Parallelizable(ParallelScope.Fixtures)]

namespace Tests.Boot;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class BootTest : IDisposable
{
    private const string PanicMark = "cosmos: panic";

    /// <summary>Wall time, with typing; the deadline of a hung server is twice as long.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(10);

    private QemuMachine? _machine;

    /// <summary>How this fixture's machines are started.</summary>
    protected virtual IMachineOptions Options => new QemuOptions();

    /// <summary>At its prompt.</summary>
    protected QemuMachine Machine => _machine ??= BootToPrompt();

    [TearDown]
    public void StopMachine()
    {
        if (_machine is null) return;
        bool hasFailed = TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed;
        if (hasFailed) TestContext.Out.WriteLine($"{_machine.Transcript}\n{KernelLog()}");
        Assert.That(_machine.Transcript, Does.Not.Contain(PanicMark));
    }

    public void Dispose()
    {
        _machine?.Dispose();
        _machine = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>QEMU is killed; the next line that is typed boots again.</summary>
    protected void CutPower()
    {
        Assert.That(_machine?.Transcript, Is.Null.Or.Not.Contains(PanicMark));
        _machine?.Dispose();
        _machine = null;
    }

    /// <summary>Types the line and returns its answer.</summary>
    protected string Run(string line, int timeoutSeconds = 30) =>
        Machine.Send(line, TimeSpan.FromSeconds(timeoutSeconds));

    /// <summary>Types a line that must succeed, and returns its answer.</summary>
    protected string Succeeds(string line, int timeoutSeconds = 30)
    {
        string answer = Run(line, timeoutSeconds);
        Assert.That(Run("echo $?"), Is.EqualTo("0"), $"'{line}' answered: {answer}");
        return answer;
    }

    /// <summary>Types a line that must fail with one line, "NAME: what: reason".</summary>
    protected string Fails(string line)
    {
        string answer = Run(line);
        Assert.That(Run("echo $?"), Is.Not.EqualTo("0"), $"'{line}' answered: {answer}");
        Assert.That(answer, Does.Not.Contain("\n").And.Contain(": "), $"'{line}'");
        return answer;
    }

    /// <summary>
    /// Repeats a line until its answer has the text; for what takes effect a little later.
    /// </summary>
    protected string Until(string line, string text, int timeoutSeconds = 20)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(timeoutSeconds);
        while (true)
        {
            string answer = Run(line);
            if (answer.Contains(text, StringComparison.Ordinal)) return answer;
            Assert.That(DateTime.UtcNow, Is.LessThan(end), $"'{line}' still answers: {answer}");
        }
    }

    /// <summary>Types a line that must succeed, far sooner than any deadline ends.</summary>
    protected string SucceedsAtOnce(string line)
    {
        // What comes first is no part of the time: the machine may not even have booted.
        Machine.WaitForPrompt();
        long start = Stopwatch.GetTimestamp();
        string answer = Run(line);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Assert.That(Run("echo $?"), Is.EqualTo("0"), $"'{line}' answered: {answer}");
        Assert.That(time, Is.LessThan(AtOnce), $"'{line}'");
        return answer;
    }

    /// <summary>Powers off and returns the guest's exit code.</summary>
    protected int PowerOff(int code = 0)
    {
        Machine.Type($"poweroff {code}\n");
        return new GuestExit(Machine.WaitForExit()).Code;
    }

    /// <summary>Empty when the machine does not answer any more.</summary>
    private string KernelLog()
    {
        try
        {
            return Machine.Send("log", LogTimeout);
        }
        catch (RigException)
        {
            return "";
        }
    }

    private QemuMachine BootToPrompt()
    {
        QemuMachine machine = QemuMachine.Start(Options);
        _machine = machine;
        machine.WaitForPrompt();
        return machine;
    }
}

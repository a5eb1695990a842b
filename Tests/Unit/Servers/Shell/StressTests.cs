// The checks of stress see what they are there for: each kind of loss, made by hand.

using System;
using NUnit.Framework;
using Servers;
using Servers.Shell.Commands.Stress;
using Servers.Shell.Streams;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class StressTests
{
    private const string Log = "/home/log";

    private HostShell _shell = null!;
    private Losses _losses = null!;

    [SetUp]
    public void MakeShell()
    {
        _shell = new HostShell();
        _shell.Type("cd /home");
        _losses = new Losses(_shell.Services, Output(), 0);
    }

    private StreamOutput Output() => new(
        _shell.Services, _shell.Services.FakeConsole.Session, StreamKind.Console);

    [TestCase("true", false)]
    [TestCase("touch work/other", true)]
    [TestCase("append work/file0 x; append work/file1 x; append work/file2 x", true)]
    [TestCase("rm -r work; mkdir work", true)]
    public void Directory_that_is_not_as_its_model_is_a_loss(string line, bool isLoss)
    {
        _shell.Type("mkdir work");
        using ModelDirectory directory = new(
            _shell.State.Files, "/home/work", new Random(1), _losses);
        for (int step = 0; step < 3000; step++) directory.Step();
        directory.CheckAll();
        Assert.That(_losses.Count, Is.Zero, _shell.Services.FakeConsole.Screen.ToString());
        _shell.Type(line);
        directory.CheckAll();
        Assert.That(_losses.Count > 0, Is.EqualTo(isLoss));
    }

    [TestCase("true", false)]
    [TestCase("cat log > copy; cat copy >> log", true)]
    [TestCase("write log nothing of it", true)]
    [TestCase("echo -n x >> log", true)]
    [TestCase("echo -n 0123456789abcdef >> log", true)]
    public void Log_that_is_cut_doubled_or_spoiled_is_a_loss(string line, bool isLoss)
    {
        using SharedLog log = new(_shell.State.Files, Log, 0, 1, _losses);
        using SharedLog other = new(_shell.State.Files, Log, 2, 1, _losses);
        Assert.That(log.Open() && other.Open());
        for (int record = 0; record < 600; record++)
        {
            log.Append();
            other.Append();
            if (record % 100 == 0) log.ReadOn();
        }
        log.CheckAll();
        Assert.That(_losses.Count, Is.Zero, _shell.Services.FakeConsole.Screen.ToString());
        _shell.Type(line);
        log.CheckAll();
        Assert.That(_losses.Count > 0, Is.EqualTo(isLoss));
    }

    [Test]
    public void Call_without_an_answer_is_a_loss()
    {
        _shell.Services.Unmount("/");
        using SharedLog log = new(_shell.State.Files, Log, 0, 1, _losses);
        Assert.That(log.Open(), Is.False);
        Assert.That(_losses.Count, Is.EqualTo(1));
    }

    [Test]
    public void Result_of_a_worker_is_read_as_it_was_written()
    {
        WorkDone done = new(12, 34_000_000, 5);
        Assert.That(WorkDone.TryParse($"{done}", out WorkDone read));
        Assert.That(read, Is.EqualTo(done));
        Assert.That(WorkDone.TryParse("done 1 2", out _), Is.False);
        Assert.That(WorkDone.TryParse("worker 1 at 5 ns: read: revoked", out _), Is.False);
    }

    [Test]
    public void No_victim_fails_as_often_as_its_budget_allows()
    {
        RestartBudget budget = SystemTable.UsualBudget;
        Assert.That(Victim.MostFailures, Is.LessThan(budget.Failures));
        Assert.That(Victim.WindowMs, Is.GreaterThan(budget.WindowMs));
        Victim victim = new("memfs@/mnt", "memfs");
        for (int failure = 0; failure < Victim.MostFailures; failure++)
        {
            Assert.That(victim.TryFail(0));
        }
        Assert.That(victim.TryFail(Victim.WindowMs * 1_000_000), Is.False);
        Assert.That(victim.TryFail(Victim.WindowMs * 1_000_000 + 1));
    }
}

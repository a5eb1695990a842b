// Ctrl-C as the shell's second thread handles it, over the loopback kernel and a real pipe server.

using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;
using Servers.Pipes;
using Servers.Shell.Commands;
using Servers.Shell.Running;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Shell;

public sealed class ControlThreadTests
{
    private readonly ManualResetEventSlim _exited = new();
    private LoopbackMachine _machine = null!;
    private LoopbackKernel _kernel = null!;
    private ControlThread _control = null!;
    private PipeEnds _pipe;
    private int _exitCode;

    [SetUp]
    public void MakeThread()
    {
        _exited.Reset();
        _machine = new LoopbackMachine();
        _kernel = _machine.CreateTask("shell");
        LoopbackServer pipes = _machine.Serve(
            "pipes", _ => new PipesServer(1, PipesVault.OnHeap()));
        Handle pipesEndpoint = pipes.Connect(_kernel);
        _pipe = new PipesClient(_kernel, pipesEndpoint).Create().Value;
        Handle control = _kernel.NotificationCreate().Value;
        TaskContext context = new(_kernel, "shell", [], new Dictionary<string, string>
        {
            ["CAP_control"] = $"{control.Value:x}",
            // Any endpoint will do: it is only asked to kill, and does not know how.
            ["CAP_supervisor"] = $"{pipesEndpoint.Value:x}",
        });
        _control = new ControlThread(context, code =>
        {
            _exitCode = code;
            _exited.Set();
        });
        _control.Start();
        _control.Begin();
    }

    [TearDown]
    public void EndThread() => _kernel.Die();

    [Test]
    public void First_interrupt_cancels_the_call_of_the_main_thread()
    {
        Thread presser = new(() =>
        {
            _machine.WaitParked(1);
            Press();
        });
        presser.Start();
        Result<uint> read = new ByteStreamClient(_kernel, _pipe.Reader.Handle).Read(new byte[1]);
        presser.Join();
        Assert.That(read.Status, Is.EqualTo(Status.Cancelled));
        Assert.That(_control.Count, Is.EqualTo(1));
        Assert.That(_exited.IsSet, Is.False);
    }

    [Test]
    public void Second_interrupt_ends_a_shell_that_has_no_job()
    {
        Press();
        Assert.That(SpinWait.SpinUntil(() => _control.Count == 1, 10_000));
        Press();
        Assert.That(_exited.Wait(10_000));
        Assert.That(_exitCode, Is.EqualTo(ExitCode.Interrupted));
    }

    [Test]
    public void Second_interrupt_spares_a_shell_with_a_job_in_the_foreground()
    {
        _control.SetForeground(new ProcessId(77));
        Press();
        Assert.That(SpinWait.SpinUntil(() => _control.Count == 1, 10_000));
        Press();
        Assert.That(SpinWait.SpinUntil(() => _control.Count == 2, 10_000));
        Assert.That(_exited.Wait(50), Is.False);
    }

    [Test]
    public void Next_line_starts_at_the_first_interrupt_again()
    {
        Press();
        Assert.That(SpinWait.SpinUntil(() => _control.Count == 1, 10_000));
        _control.Begin();
        Assert.That(_control.Count, Is.Zero);
    }

    [Test]
    public void Interrupt_between_two_lines_is_nobody_s()
    {
        Press();
        Assert.That(SpinWait.SpinUntil(() => _control.Count == 1, 10_000));
        _control.End();
        Press();
        Assert.That(_exited.Wait(200), Is.False);
        Assert.That(_control.Count, Is.EqualTo(1));
    }

    [Test]
    public void Injected_fault_ends_the_shell_with_its_cause()
    {
        _kernel.NotificationSignal(_control.Notification, (ulong)ControlBits.CrashDivide);
        Assert.That(_exited.Wait(10_000));
        Assert.That(_exitCode, Is.EqualTo(TaskMain.CrashCode));
        Assert.That(_kernel.LastWords?.Cause, Is.EqualTo(DeathCause.DivideError));
    }

    private void Press()
        => _kernel.NotificationSignal(_control.Notification, (ulong)ControlBits.Interrupt);
}

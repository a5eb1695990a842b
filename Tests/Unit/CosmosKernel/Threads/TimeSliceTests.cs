// A loop cannot stop the machine: the tick takes the processor from what overstays.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System.Collections.Generic;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Threads;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TimeSliceTests
{
    readonly KernelBench bench = new();
    readonly List<uint> ran = [];

    sealed class Loop(List<uint> ran) : UserCode
    {
        public override TrapKind Run(Thread thread)
        {
            ran.Add(thread.Id);
            return TrapKind.Interrupt;
        }
    }

    Thread NewLoop(Priority priority = Priority.Program)
    {
        Process process = bench.NewProcess("loop", Layer.Program, priority);
        Thread thread = process.MainThread!;
        bench.Machine.SetCode(thread, new Loop(ran));
        bench.Kernel.Scheduler.MakeReady(thread);
        return thread;
    }

    void Turn(int count)
    {
        bench.Machine.StepNs = 1_000_000;
        for (int number = 0; number < count; number++) bench.Kernel.Run();
    }

    [Test]
    public void Two_loops_share_the_processor()
    {
        NewLoop();
        NewLoop();
        Turn(100);
        int first = ran.FindAll(id => id == ran[0]).Count;
        Assert.That(first, Is.InRange(30, 70));
    }

    [Test]
    public void Far_deadline_of_somebody_else_does_not_put_the_tick_off()
    {
        Process sleeper = bench.NewProcess("sleeper", Layer.Program);
        bench.Begin(
            sleeper.MainThread!, SystemCall.Receive, 0, 0,
            bench.Machine.NowNs + 60_000_000_000);
        bench.Kernel.Run();
        NewLoop();
        NewLoop();
        Turn(100);
        Assert.That(new HashSet<uint>(ran), Has.Count.EqualTo(2));
    }

    [Test]
    public void Deadline_is_kept_while_a_loop_runs()
    {
        Process sleeper = bench.NewProcess("sleeper", Layer.Program, Priority.Server);
        bench.Begin(
            sleeper.MainThread!, SystemCall.Receive, 0, 0, bench.Machine.NowNs + 25_000_000);
        NewLoop();
        Turn(40);
        Assert.That(
            bench.Result(sleeper.MainThread!).Status, Is.EqualTo(Status.TimedOut));
    }

    [TestCase(Priority.Server), TestCase(Priority.Driver)]
    public void Loop_of_higher_priority_does_not_keep_programs_from_running(Priority priority)
    {
        uint server = NewLoop(priority).Id;
        NewLoop();
        Turn(400);
        Assert.That(ran[0], Is.EqualTo(server));
        Assert.That(ran.FindAll(id => id != server), Has.Count.InRange(100, 250));
        Assert.That(ran.FindIndex(id => id != server), Is.InRange(40, 60));
    }

    [Test]
    public void Loop_of_higher_priority_has_the_processor_to_itself_while_nobody_waits()
    {
        Thread loop = NewLoop(Priority.Server);
        Turn(400);
        Assert.That(loop.EffectivePriority, Is.EqualTo(Priority.Server));
    }

    // A console that was lowered in the middle of its output could be killed there.
    [Test]
    public void Server_that_comes_back_for_requests_keeps_its_priority()
    {
        Thread server = NewLoop(Priority.Driver);
        uint program = NewLoop().Id;
        for (int turn = 0; turn < 40; turn++)
        {
            Turn(10);
            server.Process.EndpointReceives++;
        }

        Assert.That(server.EffectivePriority, Is.EqualTo(Priority.Driver));
        Assert.That(ran, Has.None.EqualTo(program));
    }

    [Test]
    public void Thread_that_has_overstayed_has_its_priority_again_after_a_wait()
    {
        Thread loop = NewLoop(Priority.Server);
        NewLoop();
        Turn(100);
        Assert.That(loop.EffectivePriority, Is.EqualTo(Priority.Program));
        bench.Kernel.Scheduler.Block(loop, ThreadState.InSleep);
        bench.Kernel.Scheduler.MakeReady(loop);
        Assert.That(loop.EffectivePriority, Is.EqualTo(Priority.Server));
    }

    [Test]
    public void Idle_machine_reclaims_and_still_hears_deadlines()
    {
        Process holder = bench.NewProcess("holder", Layer.Supervisor);
        ulong endpoint = bench.Make(holder, SystemCall.EndpointCreate, 0, 2);
        for (int count = 0; count < 500; count++) bench.Give(holder, endpoint, holder);
        Process sleeper = bench.NewProcess("sleeper", Layer.Program);
        bench.Begin(
            sleeper.MainThread!, SystemCall.Receive, 0, 0, bench.Machine.NowNs + 1_000);
        ProcessDeath.Kill(bench.Kernel, holder, DeathCause.Killed);
        bench.Machine.NowNs += 2_000;
        bench.Kernel.Run();
        Assert.That(bench.Kernel.Reclaimer.HasWork, Is.True);
        bench.Settle();
        Assert.That(
            bench.Result(sleeper.MainThread!).Status, Is.EqualTo(Status.TimedOut));
    }

    /// <summary>One interrupt that ended all waits would take too long.</summary>
    [Test]
    public void Many_deadlines_at_once_end_in_several_interrupts()
    {
        const int Sleepers = 50, EndedAtOnce = 32;
        ulong deadlineNs = bench.Machine.NowNs + 5_000_000;
        List<Thread> sleepers = [];
        for (int number = 0; number < Sleepers; number++)
        {
            if (number % 8 == 0)
                sleepers.Add(bench.NewProcess("sleeper", Layer.Program).MainThread!);
            else sleepers.Add(bench.NewThread(sleepers[^1].Process));
            bench.Begin(sleepers[^1], SystemCall.Receive, 0, 0, deadlineNs);
        }

        bench.Machine.NowNs = deadlineNs + 1;
        bench.Kernel.Run();
        int ended = sleepers.FindAll(thread => thread.State == ThreadState.Ready).Count;
        Assert.That(ended, Is.EqualTo(EndedAtOnce));
        Assert.That(bench.Machine.ArmedNs, Is.AtMost(bench.Machine.NowNs));
        bench.Settle();
        Assert.That(sleepers.FindAll(bench.IsDone), Has.Count.EqualTo(Sleepers));
    }
}

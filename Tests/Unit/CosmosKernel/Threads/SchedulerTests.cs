// Three priorities, first come first served, and no pre-emption but by priority or time slice.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Threads;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SchedulerTests
{
    readonly Scheduler scheduler = new();
    readonly ThreadTable table = new(8);
    readonly Process process = new(0);

    Thread Ready(int index, Priority priority = Priority.Program)
    {
        Thread thread = table[index];
        thread.Process = process;
        thread.BasePriority = thread.EffectivePriority = priority;
        scheduler.MakeReady(thread);
        return thread;
    }

    [Test]
    public void Threads_of_one_priority_run_in_order_of_arrival()
    {
        Thread first = Ready(0), second = Ready(1);
        Assert.That(scheduler.Next(), Is.SameAs(first));
        scheduler.Block(first, ThreadState.InSleep);
        Assert.That(scheduler.Next(), Is.SameAs(second));
    }

    [Test]
    public void Higher_priority_runs_at_once_and_the_displaced_keeps_its_turn()
    {
        Thread first = Ready(0);
        Thread second = Ready(1);
        Assert.That(scheduler.Next(), Is.SameAs(first));
        Thread driver = Ready(2, Priority.Driver);
        Assert.That(scheduler.Next(), Is.SameAs(driver));
        scheduler.Block(driver, ThreadState.InSleep);
        Assert.That(scheduler.Next(), Is.SameAs(first));
        scheduler.Block(first, ThreadState.InSleep);
        Assert.That(scheduler.Next(), Is.SameAs(second));
    }

    [Test]
    public void Time_slice_gives_the_turn_to_others_of_the_same_priority_only()
    {
        Thread server = Ready(0, Priority.Server);
        Ready(1);
        scheduler.Next();
        scheduler.EndTimeSlice();
        Assert.That(scheduler.Next(), Is.SameAs(server));
        Thread equal = Ready(2, Priority.Server);
        scheduler.EndTimeSlice();
        Assert.That(scheduler.Next(), Is.SameAs(equal));
        scheduler.Block(equal, ThreadState.InSleep);
        Assert.That(scheduler.Next(), Is.SameAs(server));
    }

    [Test]
    public void Stopped_thread_keeps_its_state_and_never_runs()
    {
        Thread thread = Ready(0);
        scheduler.Next();
        scheduler.Stop(thread);
        Assert.That(scheduler.Next(), Is.Null);
        scheduler.Block(thread, ThreadState.InSleep);
        scheduler.MakeReady(thread);
        Assert.That(scheduler.Next(), Is.Null);
        scheduler.Continue(thread);
        Assert.That(scheduler.Next(), Is.SameAs(thread));
    }

    [Test]
    public void Lent_priority_moves_a_waiting_thread_forward()
    {
        Thread first = Ready(0), second = Ready(1);
        scheduler.SetPriority(second, Priority.Server);
        Assert.That(scheduler.Next(), Is.SameAs(second));
        scheduler.SetPriority(second, Priority.Program);
        scheduler.Block(second, ThreadState.InSleep);
        Assert.That(scheduler.Next(), Is.SameAs(first));
    }

    [Test]
    public void Hand_over_runs_before_the_queue()
    {
        Thread caller = Ready(0);
        Ready(1);
        scheduler.Next();
        Thread server = table[2];
        scheduler.Block(caller, ThreadState.InCall);
        scheduler.HandOver(server);
        Assert.That(scheduler.Next(), Is.SameAs(server));
    }
}

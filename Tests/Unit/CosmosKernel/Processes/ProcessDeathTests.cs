// Death: one step that marks, slices that reclaim, a record until somebody collects it.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System;
using System.Text;
using Tests.FakeMachine;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed unsafe class ProcessDeathTests
{
    readonly byte[] store = GC.AllocateArray<byte>(8192, pinned: true);

    ulong Address
    {
        get
        {
            // Safety: the array is pinned for as long as it lives.
            fixed (byte* first = store) return (ulong)first;
        }
    }

    static ulong Open(IpcScene scene, Process target) => scene.Bench.Grant(
        scene.Keeper, ObjectType.Process, target.Index, generation: target.Generation);

    CallResult Collect(IpcScene scene, ulong handle) => scene.Bench.Do(
        scene.Keeper, SystemCall.ProcessCollect, handle, Address, Address + 1024, 2048);

    [Test]
    public void Killed_process_runs_no_more_and_leaves_an_exit_record()
    {
        IpcScene scene = new();
        ulong handle = Open(scene, scene.Client);
        scene.BeginCall();
        Assert.That(
            scene.Bench.Do(
                scene.Keeper, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed).Status,
            Is.EqualTo(Status.Ok));
        Assert.That(scene.Client.State, Is.EqualTo(ProcessState.Zombie));
        Assert.That(scene.ServerThread.Frame->A0, Is.Not.EqualTo(1));
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.Receive, scene.Endpoint, 0, 1).Status,
            Is.EqualTo(Status.TimedOut), "its call has left the queue");
        Assert.That(Collect(scene, handle).Status, Is.EqualTo(Status.Ok));
        Assert.That(Collect(scene, handle).Status, Is.EqualTo(Status.NotFound));
        Assert.That(
            scene.Bench.Do(
                scene.Keeper, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed).Status,
            Is.EqualTo(Status.Ok), "dead already");
        scene.Audit();
        Assert.That(scene.Client.IsUsed, Is.False);
    }

    [Test]
    public void Exit_record_that_was_only_looked_at_stays()
    {
        IpcScene scene = new();
        ulong handle = Open(scene, scene.Client);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        for (int look = 0; look < 2; look++)
        {
            CallResult result = scene.Bench.Do(
                scene.Keeper, SystemCall.ProcessCollect, handle, Address, Address + 1024, 2048,
                (ulong)CollectMode.Look);
            Assert.That(result.Status, Is.EqualTo(Status.Ok));
            Assert.That(((DeathRecord*)Address)->Cause, Is.EqualTo(DeathCause.Killed));
        }

        Assert.That(Collect(scene, handle).Status, Is.EqualTo(Status.Ok));
        Assert.That(Collect(scene, handle).Status, Is.EqualTo(Status.NotFound));
    }

    // The supervisor takes it for the one death that it has heard of.
    [Test]
    public void Without_a_name_the_child_that_died_last_is_collected()
    {
        IpcScene scene = new();
        Process[] children = new Process[3];
        for (int i = 0; i < children.Length; i++)
        {
            children[i] = scene.Bench.NewProcess($"{i}", scene.Client.Layer, maker: scene.Keeper);
        }

        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        foreach (int i in (int[])[1, 2, 0])
        {
            scene.Bench.Kernel.NowNs++;
            ProcessDeath.Kill(scene.Bench.Kernel, children[i], DeathCause.Killed);
        }

        foreach (int i in (int[])[0, 2, 1])
        {
            uint id = children[i].Id.Value;
            Assert.That(Collect(scene, 0).Status, Is.EqualTo(Status.Ok));
            Assert.That(((DeathRecord*)Address)->Process, Is.EqualTo(id));
        }

        Assert.That(Collect(scene, 0).Status, Is.EqualTo(Status.NotFound), "not made by it");
    }

    [Test]
    public void Living_process_cannot_be_collected()
    {
        IpcScene scene = new();
        Assert.That(
            Collect(scene, Open(scene, scene.Client)).Status, Is.EqualTo(Status.WouldBlock));
    }

    [Test]
    public void Last_words_are_kept_and_the_first_count()
    {
        IpcScene scene = new();
        Encoding.UTF8.GetBytes("first", store.AsSpan(4000));
        Encoding.UTF8.GetBytes("later", store.AsSpan(4010));
        scene.Bench.Do(
            scene.Client, SystemCall.LastWords, Address + 4000, 5,
            (ulong)DeathCause.UnhandledException);
        scene.Bench.Do(scene.Client, SystemCall.LastWords, Address + 4010, 5);
        ProcessDeath.Exited(scene.Bench.Kernel, scene.ClientThread, 134);
        CallResult result = Collect(scene, Open(scene, scene.Client));
        Assert.That(result.Status, Is.EqualTo(Status.Ok));
        Assert.That(scene.Keeper.MainThread!.Frame->A0, Is.EqualTo(5));
        Assert.That(Encoding.UTF8.GetString(store, 1024, 5), Is.EqualTo("first"));
        var record = (DeathRecord*)Address;
        Assert.That(record->Cause, Is.EqualTo(DeathCause.UnhandledException));
        Assert.That(record->ExitCode, Is.EqualTo(134));
        Assert.That(record->LastWordsBytes, Is.EqualTo(5));
    }

    [Test]
    public void First_hardware_fault_is_the_cause_where_the_runtime_aborts()
    {
        IpcScene scene = new();
        scene.Client.FirstFault = DeathCause.NullReference;
        scene.Client.FirstFaultAddress = 24;
        ProcessDeath.ThreadFaulted(scene.Bench.Kernel, scene.ClientThread, DeathCause.Abort, 0);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.NullReference));
        Assert.That(scene.Client.Death.FaultAddress, Is.EqualTo(24));
    }

    [Test]
    public void Dead_children_of_a_dead_maker_can_be_opened_and_collected()
    {
        IpcScene scene = new();
        Process child = scene.Bench.NewProcess("child", Layer.Program, maker: scene.Client);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        ProcessDeath.Kill(scene.Bench.Kernel, child, DeathCause.Killed);
        ulong machine = scene.Bench.Grant(scene.Keeper, ObjectType.Machine);
        ulong handle = scene.Bench.Make(
            scene.Keeper, SystemCall.ProcessOpen, machine, child.Id.Value);
        Assert.That(Collect(scene, handle).Status, Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Maker_collects_any_dead_child_with_handle_0()
    {
        IpcScene scene = new();
        Process child = scene.Bench.NewProcess("child", Layer.Program, maker: scene.Keeper);
        Assert.That(Collect(scene, 0).Status, Is.EqualTo(Status.NotFound));
        ProcessDeath.Kill(scene.Bench.Kernel, child, DeathCause.Killed);
        Assert.That(Collect(scene, 0).Status, Is.EqualTo(Status.Ok));
        Assert.That(((DeathRecord*)Address)->Process, Is.EqualTo(child.Id.Value));
    }

    /// <summary>Who waits for a dead server does not wait for that.</summary>
    [Test]
    public void One_dead_process_is_cleared_away_when_there_is_time_and_two_by_who_collects_them()
    {
        IpcScene scene = new();
        var kernel = scene.Bench.Kernel;
        for (int dead = 1; dead <= 2; dead++)
        {
            Process child = scene.Bench.NewProcess("child", Layer.Program, maker: scene.Keeper);
            // More than a slice clears away.
            for (int handle = 0; handle < 50; handle++)
                scene.Bench.Grant(child, ObjectType.Machine);
            ProcessDeath.Kill(kernel, child, DeathCause.Killed);
            Assert.That(Collect(scene, 0).Status, Is.EqualTo(Status.Ok));
            Assert.That(kernel.Reclaimer.PendingProcesses, Is.EqualTo(1), $"{dead} dead");
        }

        scene.Bench.Advance(1);
        Assert.That(kernel.Reclaimer.HasWork, Is.False);
    }

    [Test]
    public void Remains_of_the_dead_stay_few_on_a_machine_that_is_never_idle()
    {
        IpcScene scene = new();
        var kernel = scene.Bench.Kernel;
        for (int i = 0; i < 200; i++)
        {
            Process child = scene.Bench.NewProcess("child", Layer.Program, maker: scene.Keeper);
            for (int handle = 0; handle < 50; handle++)
                scene.Bench.Grant(child, ObjectType.Machine);
            ProcessDeath.Kill(kernel, child, DeathCause.Killed);
            Collect(scene, 0);
            Assert.That(kernel.Reclaimer.PendingProcesses, Is.LessThan(4));
        }
    }

    [Test]
    public void Handle_of_a_collected_process_never_names_the_next_one()
    {
        IpcScene scene = new();
        ulong handle = Open(scene, scene.Client);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        Collect(scene, handle);
        scene.Bench.Reclaim();
        Process next = scene.Bench.NewProcess("next", Layer.Program);
        Assert.That(next.Index, Is.EqualTo(scene.Client.Index));
        scene.Bench.Do(scene.Keeper, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
        Assert.That(next.IsAlive, Is.True);
    }

    [Test]
    public void Main_thread_may_exit_before_the_others()
    {
        IpcScene scene = new();
        Thread main = scene.ClientThread;
        Thread second = scene.Bench.NewThread(scene.Client);
        scene.Bench.Begin(main, SystemCall.ThreadExit);
        Assert.That(scene.Client.State, Is.EqualTo(ProcessState.MainExited));
        Assert.That(scene.Client.ThreadCount, Is.EqualTo(1));
        scene.BeginCall(second, scene.Door);
        scene.Reply(scene.ServerThread, scene.Take());
        Assert.That(scene.Bench.Result(second).Status, Is.EqualTo(Status.Ok));
        scene.Bench.Begin(second, SystemCall.ThreadExit);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.Exit));
        scene.Audit();
    }

    [Test]
    public void Stopped_server_is_handed_nothing_until_it_continues()
    {
        IpcScene scene = new();
        ulong handle = Open(scene, scene.Server);
        scene.BeginReceive();
        scene.Bench.Do(scene.Keeper, SystemCall.ProcessStop, handle);
        scene.BeginCall();
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive));
        scene.Audit();
        scene.Bench.Do(scene.Keeper, SystemCall.ProcessContinue, handle);
        Assert.That(scene.Bench.IsDone(scene.ServerThread), Is.True);
        scene.Audit();
    }

    [Test]
    public void Stopped_process_dies_like_any_other()
    {
        IpcScene scene = new();
        ulong handle = Open(scene, scene.Client);
        scene.BeginCall();
        scene.Bench.Do(scene.Keeper, SystemCall.ProcessStop, handle);
        scene.Bench.Do(scene.Keeper, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
        scene.Audit();
        Assert.That(scene.Client.State, Is.EqualTo(ProcessState.Zombie));
    }

    [Test]
    public void Capability_is_given_to_a_child_that_lives_and_to_no_other()
    {
        IpcScene scene = new();
        Process child = scene.Bench.NewProcess("child", Layer.Program);
        child.State = ProcessState.Created;
        ulong handle = Open(scene, child);
        ulong given = scene.Bench.Make(
            scene.Keeper, SystemCall.ProcessGive, handle, scene.KeeperDoor, (ulong)Rights.Call);
        Assert.That(
            scene.Bench.Kernel.Capabilities.Find(child, given, out _), Is.EqualTo(Status.Ok));
        child.State = ProcessState.Running;
        given = scene.Bench.Make(
            scene.Keeper, SystemCall.ProcessGive, handle, scene.KeeperDoor, (ulong)Rights.Call);
        Assert.That(
            scene.Bench.Kernel.Capabilities.Find(child, given, out _), Is.EqualTo(Status.Ok));
        ProcessDeath.Kill(scene.Bench.Kernel, child, DeathCause.Killed);
        Assert.That(
            scene.Bench.Do(
                scene.Keeper, SystemCall.ProcessGive, handle, scene.KeeperDoor, 1).Status,
            Is.EqualTo(Status.Exited));
    }

    [Test]
    public void Ten_thousand_deaths_leave_the_counters_where_they_were()
    {
        IpcScene scene = new();
        scene.BeginCall();
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        scene.Bench.Reclaim();
        var kernel = scene.Bench.Kernel;
        var before = (kernel.Capabilities.UsedCount, kernel.Threads.Count, kernel.Processes.Count,
            kernel.Endpoints.Count, kernel.Badges.Count);
        for (int death = 0; death < 10_000; death++)
        {
            scene.Take(server.MainThread!, endpoint);
            ulong own = scene.Bench.Make(server, SystemCall.EndpointCreate, 0, 2);
            scene.Bench.Make(server, SystemCall.Mint, own, (ulong)Rights.All, 3);
            ProcessDeath.Kill(kernel, server, DeathCause.Killed);
            kernel.Processes.Collect(server);
            server = scene.Restart(out endpoint);
        }

        scene.Bench.Reclaim();
        var after = (kernel.Capabilities.UsedCount, kernel.Threads.Count, kernel.Processes.Count,
            kernel.Endpoints.Count, kernel.Badges.Count);
        Assert.That(after, Is.EqualTo(before));
        scene.Audit();
    }
}

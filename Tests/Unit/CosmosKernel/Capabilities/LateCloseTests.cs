// A close that can be taken back: until the next tick, or until nothing else can run.

using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System.Collections.Generic;
using Tests.FakeMachine;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Capabilities;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class LateCloseTests
{
    const ulong Badge = 70;

    readonly IpcScene scene = new();
    readonly ulong file;

    public LateCloseTests() => file = Open();

    ulong Open()
    {
        ulong minted = scene.Bench.Make(
            scene.Server, SystemCall.Mint, scene.Endpoint, (ulong)Rights.All, Badge);
        ulong given = scene.Bench.Give(scene.Server, minted, scene.Client);
        scene.Bench.Do(scene.Server, SystemCall.Close, minted);
        return given;
    }

    Status Do(SystemCall call, ulong handle) =>
        scene.Bench.Do(scene.Client, call, handle).Status;

    Status Probe(ulong handle) => Do(SystemCall.DescribeHandle, handle);

    [TearDown]
    public void Audit() => scene.Audit();

    [Test]
    public void Closed_late_is_closed_when_nothing_else_can_run_and_the_server_hears_of_it()
    {
        Assert.That(Do(SystemCall.CloseLate, file), Is.EqualTo(Status.Ok));
        Assert.That(Probe(file), Is.EqualTo(Status.Ok), "not yet");
        Assert.That(scene.Poll().Status, Is.EqualTo(Status.TimedOut));
        scene.Bench.Advance(1);
        Assert.That(Probe(file), Is.EqualTo(Status.BadHandle));
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(Do(SystemCall.KeepOpen, file), Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Kept_in_time_stays_open_and_may_be_closed_late_again()
    {
        for (int round = 0; round < 200; round++)
        {
            Assert.That(Do(SystemCall.CloseLate, file), Is.EqualTo(Status.Ok));
            Assert.That(Do(SystemCall.KeepOpen, file), Is.EqualTo(Status.Ok));
        }

        Assert.That(Do(SystemCall.KeepOpen, file), Is.EqualTo(Status.NotFound), "twice");
        scene.Bench.Advance(1);
        Assert.That(Probe(file), Is.EqualTo(Status.Ok));
        Do(SystemCall.CloseLate, file);
        scene.Bench.Advance(1);
        Assert.That(Probe(file), Is.EqualTo(Status.BadHandle));
    }

    /// <summary>A program that computes holds nothing for longer than a tick.</summary>
    [Test]
    public void Tick_closes_it_while_its_owner_runs_on()
    {
        scene.BeginReceive();
        Loop loop = new(file);
        scene.Bench.Machine.SetCode(scene.ClientThread, loop);
        scene.Bench.Kernel.Scheduler.MakeReady(scene.ClientThread);
        scene.Bench.Machine.StepNs = 1_000_000;
        for (int turn = 0; turn < 5; turn++) scene.Bench.Kernel.Run();
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive), "5 ms");
        for (int turn = 0; turn < 10; turn++) scene.Bench.Kernel.Run();
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(loop.Turns, Is.GreaterThan(10));
        scene.Bench.Kernel.Scheduler.Block(scene.ClientThread, ThreadState.InSleep);
    }

    /// <summary>Closes the file late, and computes from then on.</summary>
    sealed class Loop(ulong file) : UserCode
    {
        public int Turns { get; private set; }

        public override TrapKind Run(Thread thread)
        {
            if (Turns++ != 0) return TrapKind.Interrupt;
            thread.Frame->Rax = (ulong)SystemCall.CloseLate;
            thread.Frame->A0 = file;
            return TrapKind.SystemCall;
        }
    }

    [Test]
    public void Closed_meanwhile_its_record_may_be_anybodys()
    {
        Do(SystemCall.CloseLate, file);
        Assert.That(Do(SystemCall.Close, file), Is.EqualTo(Status.Ok));
        List<ulong> others = [];
        for (int i = 0; i < KernelBench.SmallConfig.Capabilities; i++)
        {
            ulong other = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
            if ((uint)other == (uint)file && others.Count == 0) others.Add(other);
            else Do(SystemCall.Close, other);
        }

        Assert.That(others, Has.Count.EqualTo(1), "of the same record");
        scene.Bench.Advance(1);
        Assert.That(Probe(others[0]), Is.EqualTo(Status.Ok));
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
    }

    [Test]
    public void Moved_to_the_vault_it_is_kept()
    {
        scene.Bench.Kernel.Vaults.TryMake(4096, out Vault vault);
        vault.Capabilities = 1;
        scene.Bench.Kernel.Vaults.TryGiveTo(vault, scene.Client);
        scene.Bench.Kernel.Processes.AttachVault(scene.Client, vault.Index);
        Do(SystemCall.CloseLate, file);
        Assert.That(
            scene.Bench.Do(scene.Client, SystemCall.MoveToVault, file, 1).Status,
            Is.EqualTo(Status.Ok));
        scene.Bench.Advance(1);
        Assert.That(Probe(file), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Revoked_meanwhile_it_is_nobodys_and_its_place_is_free_again()
    {
        Do(SystemCall.CloseLate, file);
        scene.Bench.Do(scene.Server, SystemCall.Revoke, scene.Endpoint);
        Assert.That(Do(SystemCall.KeepOpen, file), Is.EqualTo(Status.Revoked));
        scene.Bench.Advance(1);
        Assert.That(Do(SystemCall.KeepOpen, file), Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Many_of_them_are_closed_some_at_once_and_in_parts()
    {
        List<ulong> files = [file];
        while (files.Count < 100) files.Add(Open());
        foreach (ulong one in files)
            Assert.That(Do(SystemCall.CloseLate, one), Is.EqualTo(Status.Ok));
        int open = files.FindAll(one => Probe(one) == Status.Ok).Count;
        Assert.That(open, Is.EqualTo(64), "more than that are not waited for");
        for (int part = 0; part < 5; part++) scene.Bench.Advance(1);
        Assert.That(files.FindAll(one => Probe(one) == Status.Ok), Is.Empty);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed), "one badge");
    }

    [Test]
    public void Owner_that_dies_leaves_nothing_to_close()
    {
        Do(SystemCall.CloseLate, file);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Reclaim();
        scene.Bench.Advance(1);
        Assert.That(scene.Bench.Kernel.Capabilities.HasLate, Is.False);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
    }

    [TestCase(SystemCall.CloseLate), TestCase(SystemCall.KeepOpen)]
    public void Handle_that_is_nobodys_or_anothers_is_bad(SystemCall call)
    {
        Assert.That(Do(call, 0), Is.EqualTo(Status.BadHandle));
        Assert.That(Do(call, scene.Endpoint), Is.EqualTo(Status.BadHandle));
        Assert.That(Do(call, 0x8000_0401), Is.EqualTo(Status.BadHandle), "a Reply");
    }
}

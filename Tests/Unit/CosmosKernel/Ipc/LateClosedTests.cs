// A Closed that wakes nobody: it goes with the next call, or is told a little later.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class LateClosedTests
{
    const ulong Badge = 70;

    /// <summary>The server waits, and is owed a Closed.</summary>
    static IpcScene Owing()
    {
        IpcScene scene = new();
        scene.BeginReceive();
        scene.CloseBadge(Badge);
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive));
        return scene;
    }

    static void RequireTold(IpcScene scene, ReceiveKind kind) => Assert.That(
        scene.Bench.Result(scene.ServerThread), Is.EqualTo(new CallResult(Status.Ok, (byte)kind)));

    [Test]
    public void Closed_goes_with_the_next_call_and_the_reply_acknowledges_it()
    {
        IpcScene scene = Owing();
        scene.BeginCall();
        RequireTold(scene, ReceiveKind.ClosedAndCall);
        Assert.That(scene.ServerThread.Frame->A3, Is.EqualTo(Badge));
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(IpcScene.ClientBadge));
        ulong info = scene.ServerThread.Frame->A1;
        Assert.That(info & uint.MaxValue, Is.EqualTo(new MessageInfo(1).Value));
        Assert.That(
            scene.Reply(scene.ServerThread, scene.ServerThread.Frame->A0), Is.EqualTo(Status.Ok));
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        Assert.That(
            scene.Poll(next.MainThread!, endpoint).Status, Is.EqualTo(Status.TimedOut));
        scene.Audit();
    }

    [Test]
    public void Several_of_them_come_before_the_call()
    {
        IpcScene scene = Owing();
        scene.CloseBadge(Badge + 1);
        scene.BeginCall();
        RequireTold(scene, ReceiveKind.Closed);
        Assert.That(scene.Poll().Kind,
            Is.EqualTo(ReceiveKind.Closed));
        scene.Take();
        scene.Audit();
    }

    [Test]
    public void Call_that_may_be_parked_takes_none_along()
    {
        IpcScene scene = Owing();
        scene.BeginCall(MessageFlags.MayBlock);
        RequireTold(scene, ReceiveKind.Closed);
        scene.Take();
        scene.Audit();
    }

    [Test]
    public void Closed_is_told_again_when_the_call_ends_without_an_answer()
    {
        IpcScene scene = Owing();
        scene.BeginCall();
        RequireTold(scene, ReceiveKind.ClosedAndCall);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Reclaim();
        Assert.That(scene.Poll().Kind,
            Is.EqualTo(ReceiveKind.Closed));
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(Badge));
        scene.Audit();
    }

    [Test]
    public void Server_that_dies_of_the_call_leaves_both_to_the_next()
    {
        IpcScene scene = Owing();
        scene.BeginCall();
        RequireTold(scene, ReceiveKind.ClosedAndCall);
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        Assert.That(scene.Poll(next.MainThread!, endpoint).Kind, Is.EqualTo(ReceiveKind.Closed));
        ulong reply = scene.Take(next.MainThread!, endpoint);
        Assert.That(scene.Reply(next.MainThread!, reply), Is.EqualTo(Status.Ok));
        // It was told by itself, and that is not acknowledged by the reply.
        Assert.That(
            scene.Bench.Do(next, SystemCall.AcknowledgeClosed, endpoint, Badge).Status,
            Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Badge_that_lives_again_before_the_call_is_not_closed()
    {
        IpcScene scene = Owing();
        scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, (ulong)Rights.Call, Badge);
        scene.BeginCall();
        RequireTold(scene, ReceiveKind.Call);
        scene.Audit();
    }

    [Test]
    public void Without_a_call_it_is_told_when_nothing_else_can_run()
    {
        IpcScene scene = Owing();
        scene.Bench.Advance(1);
        RequireTold(scene, ReceiveKind.Closed);
        Assert.That(scene.Bench.Kernel.LateClosed.HasAny, Is.False);
        scene.Audit();
    }
}

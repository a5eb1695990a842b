// Two processes receive on one endpoint, and one of them dies: the other gets what that had.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class WaitingPeerTests
{
    [Test]
    public void All_calls_of_the_dead_go_to_peers_that_wait()
    {
        IpcScene scene = new();
        Take(scene, out Thread second, out ulong secondDoor);
        scene.BeginCall(second, secondDoor);
        scene.Take();
        Process peer = scene.Restart(out ulong endpoint);
        Thread other = scene.Bench.NewThread(peer);
        Wait(scene, peer.MainThread!, endpoint);
        Wait(scene, other, endpoint);
        // The first process received last again: its death is what the endpoint sees.
        scene.Bench.Do(scene.Server, SystemCall.Receive, scene.Endpoint, 0, 1);
        scene.KillServer();
        Assert.That(scene.Bench.IsDone(peer.MainThread!) && scene.Bench.IsDone(other), Is.True);
        scene.Audit();
    }

    /// <summary>
    /// The older call goes first, whichever record it lies in; the other one is not forgotten.
    /// </summary>
    [Test]
    public void All_calls_of_the_dead_go_to_peers_when_the_last_caller_was_first()
    {
        IpcScene scene = new();
        Thread second = scene.NewCaller(out ulong secondDoor);
        scene.BeginCall(second, secondDoor);
        scene.Take();
        scene.BeginCall();
        scene.Take();
        Process peer = scene.Restart(out ulong endpoint);
        Thread other = scene.Bench.NewThread(peer);
        Wait(scene, peer.MainThread!, endpoint);
        Wait(scene, other, endpoint);
        scene.KillServer();
        Assert.That(scene.Bench.IsDone(peer.MainThread!) && scene.Bench.IsDone(other), Is.True);
        scene.Audit();
    }

    [Test]
    public void Call_of_the_dead_goes_to_the_peer_that_serves_by_now()
    {
        IpcScene scene = new();
        Take(scene, out _, out _);
        Process peer = scene.Restart(out ulong endpoint);
        Wait(scene, peer.MainThread!, endpoint);
        scene.KillServer();
        Assert.That(scene.Bench.IsDone(peer.MainThread!), Is.True);
        Assert.That(
            new MessageInfo(peer.MainThread!.Frame->A1).Attempt, Is.EqualTo(2));
        scene.Audit();
    }

    [Test]
    public void Peer_that_was_stopped_meanwhile_serves_when_it_continues()
    {
        IpcScene scene = new(OnDeath.Fail);
        Process peer = scene.Restart(out ulong endpoint);
        Wait(scene, peer.MainThread!, endpoint);
        scene.Bench.Do(scene.Server, SystemCall.Receive, scene.Endpoint, 0, 1);
        ProcessStop.Stop(scene.Bench.Kernel, peer);
        scene.KillServer();
        ProcessStop.Continue(scene.Bench.Kernel, peer);
        scene.BeginCall();
        Assert.That(scene.Bench.IsDone(peer.MainThread!), Is.True);
        scene.Audit();
    }

    /// <summary>The server has one call in hand.</summary>
    static void Take(IpcScene scene, out Thread second, out ulong secondDoor)
    {
        second = scene.NewCaller(out secondDoor);
        scene.BeginCall();
        scene.Take();
    }

    static void Wait(IpcScene scene, Thread thread, ulong endpoint) =>
        scene.Bench.Begin(thread, SystemCall.Receive, endpoint);
}

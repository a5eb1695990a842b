// Closed(badge): owed from the moment the last capability goes until it is acknowledged.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using CosmosKernel.Ipc;
using CosmosKernel.Ipc.Badges;
using NUnit.Framework;
using Shared.Abi;
using System;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class ClosedTests
{
    static ulong MintFor(IpcScene scene, Process holder, ulong badge) =>
        scene.MintFor(scene.Server, scene.Endpoint, holder, badge);

    [Test]
    public void Closed_comes_when_the_last_capability_goes_and_not_before()
    {
        IpcScene scene = new();
        ulong first = MintFor(scene, scene.Client, 70);
        ulong second = scene.Bench.Make(
            scene.Client, SystemCall.Copy, first, (ulong)Rights.All);
        scene.Bench.Do(scene.Client, SystemCall.Close, first);
        Assert.That(scene.Poll().Status, Is.EqualTo(Status.TimedOut));
        scene.Bench.Do(scene.Client, SystemCall.Close, second);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(70));
        scene.Audit();
    }

    [Test]
    public void Closed_wakes_a_waiting_server_when_a_holder_dies()
    {
        IpcScene scene = new();
        MintFor(scene, scene.Client, 70);
        scene.BeginReceive();
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Reclaim();
        scene.Bench.Advance(1);
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Kind, Is.EqualTo(ReceiveKind.Closed));
        scene.Audit();
    }

    [Test]
    public void Closed_is_owed_to_the_next_incarnation_until_acknowledged()
    {
        IpcScene scene = new();
        ulong file = MintFor(scene, scene.Client, 70);
        scene.Bench.Do(scene.Client, SystemCall.Close, file);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(scene.Poll().Status, Is.EqualTo(Status.TimedOut), "told once");
        scene.KillServer();

        Process next = scene.Restart(out ulong endpoint);
        Assert.That(scene.Poll(next.MainThread!, endpoint).Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(
            scene.Bench.Do(next, SystemCall.AcknowledgeClosed, endpoint, 70).Status,
            Is.EqualTo(Status.Ok));
        Assert.That(
            scene.Bench.Do(next, SystemCall.AcknowledgeClosed, endpoint, 70).Status,
            Is.EqualTo(Status.NotFound));
        scene.Audit();
    }

    [Test]
    public void Closed_is_acknowledged_with_the_next_receive()
    {
        IpcScene scene = new();
        ulong file = MintFor(scene, scene.Client, 70);
        scene.Bench.Do(scene.Client, SystemCall.Close, file);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(
            scene.Bench.Do(scene.ServerThread, SystemCall.Receive, scene.Endpoint, 70, 1).Status,
            Is.EqualTo(Status.TimedOut));
        scene.Audit();
        scene.KillServer();

        Process next = scene.Restart(out ulong endpoint);
        Assert.That(scene.Poll(next.MainThread!, endpoint).Status, Is.EqualTo(Status.TimedOut));
        scene.Audit();
    }

    /// <summary>Not a badge that lives or lives again, and not through a bad handle.</summary>
    [Test]
    public void Receive_acknowledges_only_what_is_owed_and_by_who_may_receive()
    {
        IpcScene scene = new();
        ulong file = MintFor(scene, scene.Client, 70);
        CallResult Receive(ulong endpoint, ulong badge) => scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, endpoint, badge, 1);
        Assert.That(Receive(scene.Endpoint, 70).Status, Is.EqualTo(Status.TimedOut), "it lives");
        Assert.That(Receive(scene.Endpoint, 71).Status, Is.EqualTo(Status.TimedOut), "unknown");
        scene.Bench.Do(scene.Client, SystemCall.Close, file);
        Assert.That(Receive(scene.Endpoint + (1ul << 32), 70).Status, Is.EqualTo(Status.BadHandle));
        ulong weak = scene.Bench.Make(
            scene.Server, SystemCall.Copy, scene.Endpoint, (ulong)Rights.Mint);
        Assert.That(Receive(weak, 70).Status, Is.EqualTo(Status.NoRight));
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed), "owed still");
        MintFor(scene, scene.Client, 70);
        Assert.That(Receive(scene.Endpoint, 70).Status, Is.EqualTo(Status.TimedOut));
        scene.Bench.Do(scene.Client, SystemCall.Close, file);
        scene.Audit();
    }

    [Test]
    public void Receive_acknowledges_one_closed_and_brings_the_next()
    {
        IpcScene scene = new();
        ulong first = MintFor(scene, scene.Client, 70), second = MintFor(scene, scene.Client, 71);
        scene.Bench.Do(scene.Client, SystemCall.Close, first);
        scene.Bench.Do(scene.Client, SystemCall.Close, second);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        CallResult result = scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 70, 1);
        Assert.That(result.Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(71));
        scene.KillServer();

        Process next = scene.Restart(out ulong endpoint);
        Assert.That(scene.Poll(next.MainThread!, endpoint).Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(next.MainThread!.Frame->A2, Is.EqualTo(71), "the one that was not");
        scene.Audit();
    }

    [Test]
    public void Closed_comes_before_bits_and_calls()
    {
        IpcScene scene = new();
        ulong bell = scene.Bench.Make(scene.Server, SystemCall.NotificationCreate);
        scene.Bench.Do(scene.Server, SystemCall.NotificationBind, bell);
        ulong file = MintFor(scene, scene.Keeper, 70);
        scene.BeginCall();
        scene.Bench.Do(scene.Server, SystemCall.NotificationSignal, bell, 5);
        scene.Bench.Do(scene.Keeper, SystemCall.Close, file);
        ReceiveKind[] kinds = [scene.Poll().Kind, scene.Poll().Kind, scene.Poll().Kind];
        Assert.That(
            kinds,
            Is.EqualTo(new[] { ReceiveKind.Closed, ReceiveKind.Notification, ReceiveKind.Call }));
    }

    [Test]
    public void Badge_minted_again_withdraws_its_closed()
    {
        IpcScene scene = new();
        ulong file = MintFor(scene, scene.Client, 70);
        scene.Bench.Do(scene.Client, SystemCall.Close, file);
        MintFor(scene, scene.Client, 70);
        Assert.That(scene.Poll().Status, Is.EqualTo(Status.TimedOut));
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.AcknowledgeClosed, scene.Endpoint, 70).Status,
            Is.EqualTo(Status.NotFound));
        scene.Audit();
    }

    /// <summary>Nobody's quota has what is closed and not dealt with.</summary>
    [Test]
    public void Badges_that_a_process_leaves_owed_leave_room_for_those_of_others()
    {
        IpcScene scene = new();
        Process hostile = scene.Bench.NewProcess("hostile", Layer.Program);
        ulong own = scene.Bench.Make(hostile, SystemCall.EndpointCreate, 0, Layer.Program.Value);
        ulong badges = 0;
        while (scene.Bench.Do(
            hostile, SystemCall.Mint, own, (ulong)Rights.Call, ++badges).Status == Status.Ok)
        {
            Assert.That(badges, Is.LessThan(KernelBench.SmallConfig.Capabilities));
            scene.Bench.Do(hostile, SystemCall.Close, hostile.MainThread!.Frame->A0);
        }
        Assert.That(badges, Is.GreaterThan(KernelBench.SmallConfig.Capabilities / 3));
        for (ulong badge = 1; badge < 500; badge++) MintFor(scene, scene.Keeper, badge);

        Assert.That(
            scene.Bench.Do(hostile, SystemCall.AcknowledgeClosed, own, 1).Status,
            Is.EqualTo(Status.Ok));
        scene.Bench.Do(scene.Keeper, SystemCall.Close, MintFor(scene, scene.Keeper, 500));
        ProcessDeath.Kill(scene.Bench.Kernel, hostile, DeathCause.Killed);
        scene.Bench.Reclaim();
        scene.Audit();
    }

    /// <summary>Dealt with, minted again, or gone with their endpoint.</summary>
    [Test]
    public void Badges_that_are_owed_no_more_are_not_charged()
    {
        IpcScene scene = new();
        for (ulong badge = 70; badge < 80; badge++)
            scene.Bench.Do(scene.Client, SystemCall.Close, MintFor(scene, scene.Client, badge));
        Assert.That(scene.Server.OwedBadges, Is.EqualTo(10));
        scene.Bench.Do(scene.Server, SystemCall.AcknowledgeClosed, scene.Endpoint, 70);
        MintFor(scene, scene.Client, 71);
        Assert.That(scene.Server.OwedBadges, Is.EqualTo(8));
        scene.Audit();
        // Whoever mints for the endpoint now has it all.
        scene.Bench.Make(scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, 0, 90);
        Assert.That(scene.Server.OwedBadges, Is.Zero);
        Assert.That(scene.Keeper.OwedBadges, Is.EqualTo(8));
        scene.Audit();
        MintFor(scene, scene.Client, 91);
        Assert.That(scene.Server.OwedBadges, Is.EqualTo(8));
        scene.Bench.Do(scene.Client, SystemCall.Close, scene.Door);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Keeper, DeathCause.Killed);
        scene.Bench.Do(scene.Server, SystemCall.Close, scene.Endpoint);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Reclaim();
        Assert.That(scene.Server.OwedBadges, Is.Zero);
        scene.Audit();
    }

    [Test]
    public void Closed_waits_for_calls_in_flight_through_the_capability()
    {
        IpcScene scene = new();
        ulong file = MintFor(scene, scene.Client, 70);
        Thread second = scene.Bench.NewThread(scene.Client);
        scene.BeginCall(scene.ClientThread, file);
        ulong reply = scene.Take();
        scene.Bench.Do(second, SystemCall.Close, file);
        Assert.That(scene.Poll().Status, Is.EqualTo(Status.TimedOut));
        scene.Reply(scene.ServerThread, reply);
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        scene.Audit();
    }

    [Test]
    public void Revoked_capabilities_owe_their_closed_too()
    {
        IpcScene scene = new();
        ulong mount = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, (ulong)Rights.All, 50);
        ulong file = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, mount, (ulong)Rights.All, 51);
        scene.Bench.Give(scene.Keeper, file, scene.Client);
        scene.Bench.Do(scene.Keeper, SystemCall.Revoke, mount);
        scene.Bench.Reclaim();
        Assert.That(scene.Poll().Kind, Is.EqualTo(ReceiveKind.Closed));
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(51));
        scene.Audit();
    }

    [Test]
    public void ListBadges_is_ascending_and_leaves_out_what_is_closed()
    {
        IpcScene scene = new();
        ulong[] badges = GC.AllocateArray<ulong>(64, pinned: true);
        ulong[] order = [9, 300, 2, 77, 41, 5];
        foreach (ulong badge in order) MintFor(scene, scene.Keeper, badge);
        scene.Bench.Do(
            scene.Keeper, SystemCall.Close, MintFor(scene, scene.Keeper, 100));
        // Safety: the array is pinned for as long as it lives.
        fixed (ulong* address = badges)
        {
            scene.Bench.Do(
                scene.Server, SystemCall.ListBadges, scene.Endpoint, (ulong)address, 3, 2);
            Assert.That(scene.ServerThread.Frame->A0, Is.EqualTo(3));
            Assert.That(badges[..3], Is.EqualTo(new ulong[] { 5, 7, 9 }));
            scene.Bench.Do(
                scene.Server, SystemCall.ListBadges, scene.Endpoint, (ulong)address, 64, 9);
        }

        Assert.That(scene.ServerThread.Frame->A0, Is.EqualTo(3));
        Assert.That(badges[..3], Is.EqualTo(new ulong[] { 41, 77, 300 }));
    }

    /// <summary>However many badges are closed and not acknowledged.</summary>
    [Test]
    public void ListBadges_looks_at_few_at_once_and_finds_what_lies_behind_closed_ones()
    {
        const int Closed = 3 * BadgeTable.ListedAtOnce, Live = BadgeTable.ListedAtOnce + 20;
        IpcScene scene = new();
        for (ulong badge = 1; badge <= Closed; badge++)
        {
            scene.Bench.Do(
                scene.Keeper, SystemCall.Close, MintFor(scene, scene.Keeper, badge));
        }

        for (ulong badge = 1; badge <= Live; badge++)
            MintFor(scene, scene.Keeper, 1000 + badge);
        ulong[] badges = GC.AllocateArray<ulong>(Live, pinned: true);
        // The client holds the first of those that lie in the way.
        ulong last = IpcScene.ClientBadge, listed = 0;
        // Safety: the array is pinned for as long as it lives.
        fixed (ulong* address = badges)
        {
            do
            {
                scene.Bench.Do(scene.Server, SystemCall.ListBadges,
                    scene.Endpoint, (ulong)address, Live, last);
                ulong count = scene.ServerThread.Frame->A0;
                Assert.That(count, Is.AtMost(BadgeTable.ListedAtOnce));
                for (ulong i = 0; i < count; i++)
                    Assert.That(badges[i], Is.EqualTo(1000 + ++listed));
                last = count == 0 ? 0 : badges[count - 1];
            }
            while (last != 0);
        }

        Assert.That(listed, Is.EqualTo(Live));
        Assert.That(scene.Bench.Machine.Repeats, Is.GreaterThanOrEqualTo(2));
    }
}

// Capabilities and leases in messages: what arrives, what is revoked on its way, who is to blame.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class TransferTests
{
    // Pinned for the whole run: addresses of it are what the threads pass to the kernel.
    readonly ulong[] store = GC.AllocateArray<ulong>(4096, pinned: true);

    ulong Address(int word)
    {
        // Safety: the array is pinned, and the address is only used while the test runs.
        fixed (ulong* first = store) return (ulong)(first + word);
    }

    MessageExtras* Extras(int number) => (MessageExtras*)Address(number * 16);

    void BeginCallWith(IpcScene scene, int capabilities, int leases, ulong extras) =>
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door,
            new MessageInfo(1, capabilities, leases).Value, 0, extras);

    ulong TakeWith(IpcScene scene, MessageExtras* extras)
    {
        CallResult result = scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 1, (ulong)extras);
        Assert.That(result, Is.EqualTo(new CallResult(Status.Ok)));
        return scene.ServerThread.Frame->A0;
    }

    [SetUp]
    public void Clear() => Array.Clear(store);

    [Test]
    public void Sent_capability_is_copied_and_the_sender_keeps_its_own()
    {
        IpcScene scene = new();
        ulong own = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        Extras(0)->Handles[0] = own;
        BeginCallWith(scene, 1, 0, Address(0));
        ulong reply = TakeWith(scene, Extras(1));
        ulong received = Extras(1)->Handles[0];
        Assert.That(received, Is.Not.Zero.And.Not.EqualTo(own));
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.NotificationSignal, received, 1).Status,
            Is.EqualTo(Status.Ok));
        scene.Reply(scene.ServerThread, reply);
        Assert.That(
            scene.Bench.Do(scene.Client, SystemCall.NotificationSignal, own, 1).Status,
            Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    /// <summary>
    /// A call that finds no room ends, and with it a capability that was closed meanwhile: the next
    /// call takes the Closed along only when it may not be put aside for any time.
    /// </summary>
    [TestCase(MessageFlags.MayBlock, ReceiveKind.Call)]
    [TestCase(MessageFlags.None, ReceiveKind.ClosedAndCall)]
    public void Closed_that_a_delivery_makes_owed_goes_with_a_call_that_is_answered_soon(
        MessageFlags flags, ReceiveKind kind)
    {
        IpcScene scene = new();
        ulong file = scene.MintFor(
            scene.Keeper, scene.KeeperEndpoint, scene.Client, 70, Rights.Call | Rights.Pass);
        Extras(0)->Handles[0] = scene.Door;
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, file, new MessageInfo(1, 1, 0).Value, 0,
            Address(0));
        scene.Bench.Do(scene.Bench.NewThread(scene.Client), SystemCall.Close, file);
        scene.BeginCall(scene.NewCaller(out ulong door), door, flags: flags);
        scene.Server.HandleQuota = (ushort)scene.Server.HandleCount;

        CallResult received = scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 1, Address(16));
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.QuotaExceeded));
        Assert.That(received, Is.EqualTo(new CallResult(Status.Ok, (byte)kind)));
        scene.Reply(scene.ServerThread, scene.ServerThread.Frame->A0);
        bool isTold = kind == ReceiveKind.ClosedAndCall;
        Assert.That(
            scene.Poll().Status, Is.EqualTo(isTold ? Status.TimedOut : Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Capability_revoked_in_a_queued_message_arrives_as_a_tombstone()
    {
        IpcScene scene = new();
        ulong root = scene.Bench.Make(scene.Keeper, SystemCall.EndpointCreate, 0, 2);
        ulong mount = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, root, (ulong)Rights.All, 1);
        ulong file = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, mount, (ulong)Rights.All, 2);
        Extras(0)->Handles[0] = scene.Bench.Give(scene.Keeper, file, scene.Client);
        BeginCallWith(scene, 1, 0, Address(0));
        scene.Bench.Do(scene.Keeper, SystemCall.Revoke, mount);
        TakeWith(scene, Extras(1));
        scene.Bench.Do(scene.Server, SystemCall.DescribeHandle, Extras(1)->Handles[0]);
        Assert.That(
            (ObjectType)scene.ServerThread.Frame->A0, Is.EqualTo(ObjectType.Tombstone));
        scene.Audit();
    }

    [Test]
    public void No_handle_arrives_as_no_handle()
    {
        IpcScene scene = new();
        Extras(1)->Handles[0] = 99;
        BeginCallWith(scene, 1, 0, Address(0));
        TakeWith(scene, Extras(1));
        Assert.That(Extras(1)->Handles[0], Is.Zero);
    }

    [Test]
    public void Capability_without_pass_right_is_not_sent()
    {
        IpcScene scene = new();
        ulong own = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        ulong bound = scene.Bench.Make(
            scene.Client, SystemCall.Copy, own, (ulong)Rights.Signal);
        Extras(0)->Handles[0] = bound;
        BeginCallWith(scene, 1, 0, Address(0));
        Assert.That(
            scene.Bench.Result(scene.ClientThread),
            Is.EqualTo(new CallResult(Status.NoRight, (byte)Outcome.NotExecuted)));
        scene.Audit();
    }

    [Test]
    public void Receiver_without_room_ends_the_call_and_not_itself()
    {
        IpcScene scene = new();
        Extras(0)->Handles[0] = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        BeginCallWith(scene, 1, 0, Address(0));
        scene.Server.HandleQuota = (ushort)scene.Server.HandleCount;
        CallResult result = scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 1, Address(16));
        Assert.That(result.Status, Is.EqualTo(Status.TimedOut));
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.QuotaExceeded));
        scene.Audit();
    }

    [Test]
    public void Capability_in_a_reply_reaches_the_caller()
    {
        IpcScene scene = new();
        BeginCallWith(scene, 0, 0, Address(0));
        ulong reply = scene.Take();
        ulong minted = scene.Bench.Make(
            scene.Server, SystemCall.Mint, scene.Endpoint,
            (ulong)(Rights.Call | Rights.Pass), 55, reply);
        Extras(1)->Handles[0] = minted;
        Status status = scene.Bench.Do(
            scene.ServerThread, SystemCall.Reply, reply, new MessageInfo(0, 1).Value, 0,
            Address(16)).Status;
        Assert.That(status, Is.EqualTo(Status.Ok));
        ulong received = Extras(0)->Handles[0];
        scene.Bench.Do(scene.Client, SystemCall.DescribeHandle, received);
        Assert.That(scene.ClientThread.Frame->A2, Is.EqualTo(55));
        scene.Audit();
    }

    [Test]
    public void Reply_with_a_bad_handle_is_not_consumed()
    {
        IpcScene scene = new();
        BeginCallWith(scene, 0, 0, Address(0));
        ulong reply = scene.Take();
        Extras(1)->Handles[0] = 12345;
        Status status = scene.Bench.Do(
            scene.ServerThread, SystemCall.Reply, reply, new MessageInfo(0, 1).Value, 0,
            Address(16)).Status;
        Assert.That(status, Is.EqualTo(Status.BadHandle));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Redelivered_call_brings_its_capabilities_again()
    {
        IpcScene scene = new();
        Extras(0)->Handles[0] = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        BeginCallWith(scene, 1, 0, Address(0));
        TakeWith(scene, Extras(1));
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        Extras(2)->Handles[0] = 0;
        scene.Bench.Do(
            next.MainThread!, SystemCall.Receive, endpoint, 0, 1, (ulong)Extras(2));
        Assert.That(
            scene.Bench.Do(
                next, SystemCall.NotificationSignal, Extras(2)->Handles[0], 1).Status,
            Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Lease_is_read_and_written_within_its_bounds()
    {
        IpcScene scene = new();
        store[100] = 0x1122_3344_5566_7788;
        Extras(0)->LeaseWords[0] = Address(100);
        Extras(0)->LeaseWords[1] = 8 | (ulong)(LeaseRights.Read | LeaseRights.Write) << 32;
        BeginCallWith(scene, 0, 1, Address(0));
        ulong reply = TakeWith(scene, Extras(1));
        Assert.That(Extras(1)->LeaseWords[0], Is.Zero, "the address is the caller's secret");
        Assert.That((uint)Extras(1)->LeaseWords[1], Is.EqualTo(8));

        scene.Bench.Do(scene.Server, SystemCall.LeaseRead, reply, 0, 4, Address(200), 64);
        Assert.That(scene.ServerThread.Frame->A0, Is.EqualTo(4));
        Assert.That(store[200], Is.EqualTo(0x1122_3344));
        store[201] = 0xAB;
        scene.Bench.Do(scene.Server, SystemCall.LeaseWrite, reply, 0, 7, Address(201), 1);
        Assert.That(store[100] >> 56, Is.EqualTo(0xAB));
        scene.Audit();
    }

    [TestCase(1ul, 0ul, 8ul, Status.BadArgument), TestCase(0ul, 0ul, 65537ul, Status.BadArgument)]
    [TestCase(0ul, 100ul, 8ul, Status.Ok)]
    public void Lease_arguments_are_checked(
        ulong index, ulong offset, ulong lengthBytes, Status expected)
    {
        IpcScene scene = new();
        Extras(0)->LeaseWords[0] = Address(100);
        Extras(0)->LeaseWords[1] = 8 | (ulong)LeaseRights.Read << 32;
        BeginCallWith(scene, 0, 1, Address(0));
        ulong reply = TakeWith(scene, Extras(1));
        CallResult result = scene.Bench.Do(
            scene.Server, SystemCall.LeaseRead, reply, index, offset, Address(200), lengthBytes);
        Assert.That(result.Status, Is.EqualTo(expected));
        Assert.That(
            scene.Bench.Do(
                scene.Server, SystemCall.LeaseWrite, reply, 0, 0, Address(200), 1).Status,
            Is.EqualTo(Status.NoRight));
    }

    [Test]
    public void Bad_lease_memory_kills_the_caller_and_the_server_hears_it()
    {
        IpcScene scene = new();
        Extras(0)->LeaseWords[0] = AddressMap.UserLowFirst;
        Extras(0)->LeaseWords[1] = 8 | (ulong)LeaseRights.Read << 32;
        BeginCallWith(scene, 0, 1, Address(0));
        ulong reply = TakeWith(scene, Extras(1));
        CallResult result = scene.Bench.Do(
            scene.Server, SystemCall.LeaseRead, reply, 0, 0, Address(200), 8);
        Assert.That(result.Status, Is.EqualTo(Status.CallerGone));
        Assert.That(scene.Client.IsAlive, Is.False);
        Assert.That(scene.Server.IsAlive, Is.True);
        scene.Audit();
    }

    [Test]
    public void Bad_own_buffer_kills_the_server_and_the_call_is_delivered_again()
    {
        IpcScene scene = new();
        Extras(0)->LeaseWords[0] = Address(100);
        Extras(0)->LeaseWords[1] = 8 | (ulong)LeaseRights.Read << 32;
        BeginCallWith(scene, 0, 1, Address(0));
        ulong reply = TakeWith(scene, Extras(1));
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.LeaseRead, reply, 0, 0, AddressMap.DirectMap, 8);
        Assert.That(scene.Server.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }

    [TestCase(0ul), TestCase(4ul), TestCase(AddressMap.DirectMap), TestCase(0x40_0000ul)]
    public void Bad_extras_kill_the_caller(ulong address)
    {
        IpcScene scene = new();
        BeginCallWith(scene, 1, 0, address);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        scene.Audit();
    }

    [Test]
    public void Receiver_whose_extras_went_bad_dies_and_the_call_waits()
    {
        IpcScene scene = new();
        Extras(0)->Handles[0] = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 0,
            AddressMap.UserLowFirst);
        BeginCallWith(scene, 1, 0, Address(0));
        Assert.That(scene.Server.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
        Process next = scene.Restart(out ulong endpoint);
        scene.Take(next.MainThread!, endpoint);
        scene.Audit();
    }
}

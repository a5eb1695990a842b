// A lease in the words of a call, and bytes that come with a reply: what arrives, and who is to
// blame for bad memory.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class InlineLeaseTests
{
    const LeaseRights Both = LeaseRights.Read | LeaseRights.Write;
    const int ServersBytes = 1024;

    // Pinned for the whole run: the threads lend and give bytes of it.
    readonly byte[] store = GC.AllocateArray<byte>(4096, pinned: true);

    ulong Address(int offset)
    {
        // Safety: the array is pinned, and the address is only used while the test runs.
        fixed (byte* first = store) return (ulong)(first + offset);
    }

    static void BeginCall(
        IpcScene scene, ulong address, uint lengthBytes = 16, LeaseRights rights = Both,
        int leases = 1, int capabilities = 0, MessageFlags flags = MessageFlags.InlineLease) =>
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door,
            new MessageInfo(1, capabilities, leases, flags).Value, 0, 0, 0,
            5, 6, 7, 8, address, lengthBytes | (ulong)rights << 32);

    /// <summary>Answers with bytes of the server, which go to the offset of the lease.</summary>
    CallResult Reply(
        IpcScene scene, ulong reply, ulong address, ulong lengthBytes, ulong offset = 0) =>
        scene.Bench.Do(
            scene.ServerThread, SystemCall.Reply, reply,
            new MessageInfo(0, leases: 1, flags: MessageFlags.InlineLease).Value, 0, 0, 0,
            21, 22, 23, 24, address, lengthBytes | offset << 32);

    [SetUp]
    public void Clear() => Array.Clear(store);

    [Test]
    public void Lease_in_words_arrives_without_its_address_and_is_read_in_place()
    {
        IpcScene scene = new();
        store[3] = 0x77;
        BeginCall(scene, Address(0));
        ulong reply = scene.Take();
        UserFrame* frame = scene.ServerThread.Frame;
        ulong[] words = [frame->A5, frame->A8, frame->A9, frame->A10];
        Assert.That(words, Is.EqualTo(new ulong[] { 5, 8, 0, 16 | (ulong)Both << 32 }));
        scene.Bench.Do(
            scene.Server, SystemCall.LeaseRead, reply, 0, 3, Address(ServersBytes), 64);
        Assert.That(frame->A0, Is.EqualTo(13));
        Assert.That(store[ServersBytes], Is.EqualTo(0x77));
        scene.Audit();
    }

    [Test]
    public void Reply_brings_bytes_and_does_not_say_where_they_lay()
    {
        IpcScene scene = new();
        BeginCall(scene, Address(0));
        ulong reply = scene.Take();
        "abcd"u8.CopyTo(store.AsSpan(ServersBytes));
        CallResult result = Reply(scene, reply, Address(ServersBytes), 4, offset: 12);
        Assert.That(result.Status, Is.EqualTo(Status.Ok));
        Assert.That(store[12..17], Is.EqualTo("abcd\0"u8.ToArray()));
        UserFrame* frame = scene.ClientThread.Frame;
        ulong[] words = [frame->A5, frame->A8, frame->A9, frame->A10];
        Assert.That(words, Is.EqualTo(new ulong[] { 21, 24, 0, 0 }));
        scene.Audit();
    }

    [Test]
    public void Lease_in_words_comes_again_after_a_death()
    {
        IpcScene scene = new();
        store[0] = 9;
        BeginCall(scene, Address(0));
        scene.Take();
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        ulong reply = scene.Take(next.MainThread!, endpoint);
        Assert.That(next.MainThread!.Frame->A9, Is.Zero);
        scene.Bench.Do(next, SystemCall.LeaseRead, reply, 0, 0, Address(ServersBytes), 1);
        Assert.That(store[ServersBytes], Is.EqualTo(9));
        scene.Audit();
    }

    [TestCase(0, 0, MessageFlags.InlineLease), TestCase(2, 0, MessageFlags.InlineLease)]
    [TestCase(1, 1, MessageFlags.InlineLease)]
    [TestCase(1, 0, MessageFlags.InlineLease | MessageFlags.Short)]
    public void Lease_in_words_is_alone(int leases, int capabilities, MessageFlags flags)
    {
        IpcScene scene = new();
        scene.BeginReceive();
        BeginCall(
            scene, Address(0), leases: leases, capabilities: capabilities, flags: flags);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        scene.Audit();
    }

    [TestCase(AddressMap.DirectMap, 16u, Both), TestCase(AddressMap.UserLowEnd - 8, 16u, Both)]
    [TestCase(AddressMap.UserLowFirst, 16u, (LeaseRights)4)]
    public void Lease_that_nobody_may_lend_kills_its_caller(
        ulong address, uint lengthBytes, LeaseRights rights)
    {
        IpcScene scene = new();
        scene.BeginReceive();
        BeginCall(scene, address, lengthBytes, rights);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.Server.IsAlive, Is.True);
        scene.Audit();
    }

    [TestCase(16ul, 1ul, Both, Status.BadArgument), TestCase(17ul, 0ul, Both, Status.BadArgument)]
    [TestCase(0ul, 16ul, Both, Status.Ok), TestCase(4ul, 0ul, LeaseRights.Read, Status.NoRight)]
    [TestCase(65537ul, 0ul, Both, Status.BadArgument)]
    public void Reply_stays_within_the_lease(
        ulong lengthBytes, ulong offset, LeaseRights rights, Status expected)
    {
        IpcScene scene = new();
        BeginCall(scene, Address(0), rights: rights);
        ulong reply = scene.Take();
        CallResult result = Reply(scene, reply, Address(ServersBytes), lengthBytes, offset);
        Assert.That(result.Status, Is.EqualTo(expected));
        if (expected == Status.Ok) return;
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Reply_with_bytes_needs_a_lease()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        Assert.That(
            Reply(scene, reply, Address(0), 0).Status, Is.EqualTo(Status.BadArgument));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Bad_bytes_kill_the_server_and_the_call_waits_for_the_next()
    {
        IpcScene scene = new();
        BeginCall(scene, Address(0));
        ulong reply = scene.Take();
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, reply,
            new MessageInfo(0, leases: 1, flags: MessageFlags.InlineLease).Value, scene.Endpoint,
            0, 0, 0, 0, 0, 0, AddressMap.UserLowFirst, 4);
        Assert.That(scene.Server.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }

    [Test]
    public void Bad_lease_kills_the_caller_and_the_server_receives_on()
    {
        IpcScene scene = new();
        BeginCall(scene, AddressMap.UserLowFirst);
        ulong reply = scene.Take();
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, reply,
            new MessageInfo(0, leases: 1, flags: MessageFlags.InlineLease).Value, scene.Endpoint,
            0, 0, 0, 0, 0, 0, Address(0), 4);
        Assert.That(scene.Client.IsAlive, Is.False);
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive));
        scene.Audit();
    }
}

// A capability without the right Write: what the receiver is told, and what it cannot mint.

using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class ReadOnlyCallTests
{
    private const ulong NewBadge = 9;

    private IpcScene _scene = null!;

    [SetUp]
    public void Start() => _scene = new IpcScene();

    [TestCase(MessageFlags.None)]
    [TestCase(MessageFlags.Short)]
    public void Receiver_is_told_of_a_call_that_may_change_nothing(MessageFlags flags)
    {
        Assert.That(InfoOf(Rights.Use, flags).IsReadOnly, Is.False);
        Assert.That(InfoOf(Rights.Call, flags).IsReadOnly, Is.True);
        Assert.That(InfoOf(Rights.Use & ~Rights.Write, flags).IsReadOnly, Is.True);
    }

    [Test]
    public void Redelivered_call_is_read_only_still()
    {
        _scene.BeginReceive();
        _scene.BeginCall();
        _scene.KillServer();
        var next = _scene.Restart(out ulong endpoint);
        _scene.Take(next.MainThread!, endpoint);
        MessageInfo info = new(next.MainThread!.Frame->A1);
        Assert.That((info.Attempt, info.IsReadOnly), Is.EqualTo((2, true)));
    }

    [Test]
    public void Caller_cannot_say_itself_that_it_may()
    {
        ulong info = new MessageInfo(1).Value | MessageInfo.ReadOnlyBit;
        _scene.Bench.Begin(_scene.ClientThread, SystemCall.Call, _scene.Door, info);
        _scene.Bench.Settle();
        Assert.That(_scene.ClientThread.State, Is.EqualTo(ThreadState.Dead));
    }

    [TestCase(Rights.Use, Rights.Use)]
    [TestCase(Rights.Call | Rights.Pass, Rights.Call | Rights.Pass)]
    public void Nothing_that_may_change_is_minted_for_whoever_may_not(Rights door, Rights minted)
    {
        ulong reply = Deliver(door, MessageFlags.None);
        ulong handle = _scene.Bench.Make(
            _scene.Server, SystemCall.Mint, _scene.Endpoint, (ulong)Rights.Use, NewBadge, reply);
        Assert.That(RightsOf(handle), Is.EqualTo(minted));
        // On the server's own account it may do what it likes.
        ulong own = _scene.Bench.Make(
            _scene.Server, SystemCall.Mint, _scene.Endpoint, (ulong)Rights.Use, NewBadge);
        Assert.That(RightsOf(own), Is.EqualTo(Rights.Use));
        _scene.Reply(_scene.ServerThread, reply);
        _scene.Audit();
    }

    private MessageInfo InfoOf(Rights rights, MessageFlags flags)
    {
        ulong reply = Deliver(rights, flags);
        MessageInfo info = new(_scene.ServerThread.Frame->A1);
        Assert.That(info.Flags, Is.EqualTo(flags));
        _scene.Reply(_scene.ServerThread, reply);
        return info;
    }

    /// <summary>Calls through a capability with these rights, while the server waits.</summary>
    private ulong Deliver(Rights rights, MessageFlags flags)
    {
        ulong made = _scene.Bench.Make(
            _scene.Keeper, SystemCall.Mint, _scene.KeeperEndpoint,
            (ulong)(rights | Rights.Pass), IpcScene.ClientBadge);
        ulong door = _scene.Bench.Give(_scene.Keeper, made, _scene.Client);
        _scene.BeginReceive();
        _scene.BeginCall(_scene.ClientThread, door, 1, flags);
        return _scene.ServerThread.Frame->A0;
    }

    private Rights RightsOf(ulong handle)
    {
        _scene.Bench.Do(_scene.ServerThread, SystemCall.DescribeHandle, handle);
        return (Rights)_scene.ServerThread.Frame->A1;
    }
}

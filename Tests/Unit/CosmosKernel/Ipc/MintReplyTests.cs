// A capability that the kernel makes with a reply: for whom, with what, and what is left otherwise.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class MintReplyTests
{
    const ulong NewBadge = 90;
    /// <summary>Says that the caller takes capabilities; nothing reads it here.</summary>
    const ulong SomeExtras = 0x40_0000;
    const ulong CallAndPass = (ulong)(Rights.Call | Rights.Pass);
    static readonly ulong MintInfo = new MessageInfo(0, flags: MessageFlags.Mint).Value;

    static void BeginCall(
        IpcScene scene, ulong extras = SomeExtras, MessageFlags flags = MessageFlags.None) =>
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door,
            new MessageInfo(1, flags: flags).Value, 0, extras, 0, 1, 2, 3, 4, 5, 6);

    static CallResult Reply(
        IpcScene scene, ulong reply, ulong rights = CallAndPass, ulong? endpoint = null) =>
        scene.Bench.Do(
            scene.ServerThread, SystemCall.Reply, reply, MintInfo, endpoint ?? scene.Endpoint, 0, 0,
            21, 22, 23, 24, NewBadge, rights);

    static CallResult Describe(IpcScene scene, ulong handle) =>
        scene.Bench.Do(scene.ClientThread, SystemCall.DescribeHandle, handle);

    static int Badges(IpcScene scene) => scene.Bench.Kernel.Badges.Count;

    [Test]
    public void Caller_gets_a_handle_and_the_server_none()
    {
        IpcScene scene = new();
        int before = scene.Server.HandleCount;
        BeginCall(scene);
        ulong reply = scene.Take();
        Assert.That(Reply(scene, reply).Status, Is.EqualTo(Status.Ok));
        UserFrame* frame = scene.ClientThread.Frame;
        Assert.That(new MessageInfo(frame->A1).IsMinting, Is.True);
        ulong[] words = [frame->A5, frame->A6, frame->A7, frame->A8, frame->A10];
        Assert.That(words, Is.EqualTo(new ulong[] { 21, 22, 23, 24, 0 }));
        Assert.That(scene.Server.HandleCount, Is.EqualTo(before));
        ulong minted = frame->A9;
        Assert.That(Describe(scene, minted).Status, Is.EqualTo(Status.Ok));
        Assert.That((ObjectType)frame->A0, Is.EqualTo(ObjectType.Endpoint));
        Assert.That(frame->A1, Is.EqualTo(CallAndPass));
        Assert.That(frame->A2, Is.EqualTo(NewBadge));
        scene.Audit();

        scene.BeginCall(scene.ClientThread, minted);
        ulong served = scene.Take();
        Assert.That(scene.ServerThread.Frame->A2, Is.EqualTo(NewBadge));
        scene.Reply(scene.ServerThread, served);
        scene.Bench.Do(scene.Client, SystemCall.Close, minted);
        CallResult closed = scene.Bench.Do(
            scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 1);
        Assert.That(closed.Kind, Is.EqualTo(ReceiveKind.Closed));
        scene.Audit();
    }

    [Test]
    public void Minted_capability_dies_with_the_one_of_the_call()
    {
        IpcScene scene = new();
        ulong mount = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, (ulong)Rights.All, 50);
        ulong door = scene.Bench.Give(
            scene.Keeper,
            scene.Bench.Make(scene.Keeper, SystemCall.Mint, mount, (ulong)Rights.All, 51),
            scene.Client);
        scene.Bench.Begin(scene.ClientThread, SystemCall.Call, door, 1, 0, SomeExtras);
        Reply(scene, scene.Take());
        ulong minted = scene.ClientThread.Frame->A9;
        scene.Bench.Do(scene.Keeper, SystemCall.Revoke, mount);
        Assert.That(
            scene.Bench.Do(scene.ClientThread, SystemCall.Call, minted).Status,
            Is.EqualTo(Status.Revoked));
        scene.Audit();
    }

    [Test]
    public void Caller_that_closes_its_capability_meanwhile_gets_a_child_of_the_next_one_up()
    {
        IpcScene scene = new();
        Thread second = scene.Bench.NewThread(scene.Client);
        BeginCall(scene);
        ulong reply = scene.Take();
        scene.Bench.Do(second, SystemCall.Close, scene.Door);
        Assert.That(Reply(scene, reply).Status, Is.EqualTo(Status.Ok));
        Assert.That(
            Describe(scene, scene.ClientThread.Frame->A9).Status, Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [TestCase(Rights.Use, Rights.Use)]
    [TestCase(Rights.Call | Rights.Pass, Rights.Call | Rights.Pass)]
    public void Nothing_that_may_change_is_minted_for_whoever_may_not(Rights door, Rights expected)
    {
        IpcScene scene = new();
        ulong made = scene.Bench.Make(
            scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, (ulong)door, 8);
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Bench.Give(scene.Keeper, made, scene.Client),
            1, 0, SomeExtras);
        Reply(scene, scene.Take(), (ulong)Rights.Use);
        Describe(scene, scene.ClientThread.Frame->A9);
        Assert.That((Rights)scene.ClientThread.Frame->A1, Is.EqualTo(expected));
    }

    [TestCase(false, MessageFlags.None), TestCase(true, MessageFlags.None)]
    [TestCase(true, MessageFlags.Short)]
    public void Caller_without_room_is_told_and_nothing_is_left(bool takes, MessageFlags flags)
    {
        IpcScene scene = new();
        if (takes && flags == MessageFlags.None)
            scene.Client.HandleQuota = (ushort)scene.Client.HandleCount;
        int handles = scene.Client.HandleCount, badges = Badges(scene);
        scene.BeginReceive();
        BeginCall(scene, takes ? SomeExtras : 0, flags);
        ulong reply = scene.ServerThread.Frame->A0;
        // Somebody else's call waits: it is not received before the server knows.
        scene.BeginCall(scene.NewCaller(out ulong door), door);
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, reply, MintInfo, scene.Endpoint, 0, 0,
            0, 0, 0, 0, NewBadge, CallAndPass);
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Status, Is.EqualTo(Status.CallerGone));
        Assert.That(
            scene.Bench.Result(scene.ClientThread),
            Is.EqualTo(new CallResult(Status.QuotaExceeded, (byte)Outcome.MaybeExecuted)));
        Assert.That((scene.Client.HandleCount, Badges(scene)), Is.EqualTo((handles, badges)));
        Assert.That(
            scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.BadHandle), "it is over");
        scene.Audit();
        scene.Take();
    }

    [Test]
    public void Caller_that_has_gone_is_told_of_and_nothing_is_received_yet()
    {
        IpcScene scene = new();
        int badges = Badges(scene);
        scene.BeginReceive();
        BeginCall(scene);
        ulong reply = scene.ServerThread.Frame->A0;
        scene.BeginCall(scene.NewCaller(out ulong door), door);
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, reply, MintInfo, scene.Endpoint, 0, 0,
            0, 0, 0, 0, NewBadge, CallAndPass);
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Status, Is.EqualTo(Status.CallerGone));
        Assert.That(Badges(scene), Is.EqualTo(badges));
        scene.Audit();
        scene.Take();
    }

    [Test]
    public void Too_deep_a_mint_is_refused_to_the_caller()
    {
        IpcScene scene = new();
        ulong made = scene.KeeperEndpoint;
        for (int depth = 1; depth < Limits.MintDepth; depth++)
            made = scene.Bench.Make(scene.Keeper, SystemCall.Mint, made, (ulong)Rights.All, 60);
        ulong door = scene.Bench.Give(scene.Keeper, made, scene.Client);
        int badges = Badges(scene);
        scene.Bench.Begin(scene.ClientThread, SystemCall.Call, door, 1, 0, SomeExtras);
        Assert.That(Reply(scene, scene.Take()).Status, Is.EqualTo(Status.CallerGone));
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.QuotaExceeded));
        Assert.That(Badges(scene), Is.EqualTo(badges));
        scene.Audit();
    }

    [Test]
    public void Full_table_of_capabilities_is_the_callers_error_too()
    {
        IpcScene scene = new();
        BeginCall(scene);
        ulong reply = scene.Take();
        Process hoarder = scene.Bench.NewProcess(
            "hoarder", Layer.Program, handleQuota: ushort.MaxValue);
        while (scene.Bench.Do(hoarder, SystemCall.NotificationCreate) is { Status: Status.Ok })
        {
            ulong bell = hoarder.MainThread!.Frame->A0;
            while (scene.Bench.Do(hoarder, SystemCall.Copy, bell, (ulong)Rights.All).Status
                == Status.Ok)
            {
            }
        }

        int badges = Badges(scene);
        Assert.That(Reply(scene, reply).Status, Is.EqualTo(Status.CallerGone));
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.QuotaExceeded));
        Assert.That(Badges(scene), Is.EqualTo(badges));
        scene.Audit();
    }

    [Test]
    public void Server_mints_no_more_than_it_may()
    {
        IpcScene scene = new();
        BeginCall(scene);
        ulong reply = scene.Take();
        ulong bell = scene.Bench.Make(scene.Server, SystemCall.NotificationCreate);
        ulong weak = scene.Bench.Make(
            scene.Server, SystemCall.Copy, scene.Endpoint, (ulong)(Rights.Receive | Rights.Pass));
        ulong minting = scene.Bench.Make(
            scene.Server, SystemCall.Copy, scene.Endpoint, (ulong)(Rights.Receive | Rights.Mint));
        int badges = Badges(scene), handles = scene.Client.HandleCount;
        (ulong Endpoint, ulong Rights, Status Expected)[] cases =
        [
            (0, CallAndPass, Status.BadHandle), (77, CallAndPass, Status.BadHandle),
            (bell, CallAndPass, Status.WrongType), (weak, CallAndPass, Status.NoRight),
            (minting, (ulong)Rights.Revoke, Status.NoRight),
            (scene.Endpoint, (ulong)Rights.All + 1, Status.BadArgument),
            (scene.Endpoint, 1ul << 63, Status.BadArgument),
            (scene.KeeperEndpoint, CallAndPass, Status.BadHandle),
        ];
        foreach ((ulong endpoint, ulong rights, Status expected) in cases)
        {
            Assert.That(
                Reply(scene, reply, rights, endpoint).Status, Is.EqualTo(expected), $"{expected}");
            Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
            Assert.That(
                (scene.Client.HandleCount, Badges(scene)), Is.EqualTo((handles, badges)));
        }

        Assert.That(Reply(scene, reply, CallAndPass, minting).Status, Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Server_that_dies_before_it_answers_has_minted_nothing()
    {
        IpcScene scene = new();
        BeginCall(scene);
        scene.Take();
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        ulong reply = scene.Take(next.MainThread!, endpoint);
        CallResult result = scene.Bench.Do(
            next.MainThread!, SystemCall.Reply, reply, MintInfo, endpoint, 0, 0,
            0, 0, 0, 0, NewBadge, CallAndPass);
        Assert.That(result.Status, Is.EqualTo(Status.Ok));
        Assert.That(scene.Client.HandleCount, Is.EqualTo(2));
        scene.Audit();
    }

    [Test]
    public void Server_that_dies_after_it_has_answered_leaves_the_capability()
    {
        IpcScene scene = new();
        BeginCall(scene);
        Reply(scene, scene.Take());
        ulong minted = scene.ClientThread.Frame->A9;
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        scene.BeginCall(scene.ClientThread, minted);
        scene.Take(next.MainThread!, endpoint);
        Assert.That(next.MainThread!.Frame->A2, Is.EqualTo(NewBadge));
        scene.Audit();
    }

    [Test]
    public void Badge_whose_closed_is_owed_lives_again()
    {
        IpcScene scene = new();
        BeginCall(scene);
        Reply(scene, scene.Take());
        ulong minted = scene.ClientThread.Frame->A9;
        BeginCall(scene);
        ulong reply = scene.Take();
        scene.Bench.Do(scene.Bench.NewThread(scene.Client), SystemCall.Close, minted);
        Assert.That(Reply(scene, reply).Status, Is.EqualTo(Status.Ok));
        Assert.That(
            scene.Bench.Do(scene.ServerThread, SystemCall.Receive, scene.Endpoint, 0, 1).Status,
            Is.EqualTo(Status.TimedOut));
        scene.Audit();
    }

    [TestCase(MessageFlags.Mint), TestCase(MessageFlags.Mint | MessageFlags.Short)]
    public void Call_that_mints_kills_its_caller(MessageFlags flags)
    {
        IpcScene scene = new();
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door,
            new MessageInfo(1, flags: flags).Value);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        scene.Audit();
    }

    [TestCase(1, 0, MessageFlags.None), TestCase(0, 1, MessageFlags.None)]
    [TestCase(0, 1, MessageFlags.InlineLease), TestCase(0, 0, MessageFlags.Short)]
    public void Reply_that_mints_does_nothing_else(
        int capabilities, int leases, MessageFlags more)
    {
        IpcScene scene = new();
        BeginCall(scene);
        ulong reply = scene.Take();
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.Reply, reply,
            new MessageInfo(0, capabilities, leases, MessageFlags.Mint | more).Value,
            scene.Endpoint, 0, 0, 0, 0, 0, 0, NewBadge, CallAndPass);
        Assert.That(scene.Server.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }
}

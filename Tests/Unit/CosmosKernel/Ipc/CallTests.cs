// A call and its answer: what each side sees, in which order, and how it may end otherwise.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class CallTests
{
    [Test]
    public void Call_is_delivered_with_words_badge_id_and_first_attempt()
    {
        IpcScene scene = new();
        scene.BeginReceive();
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door, new MessageInfo(42).Value, 0, 0, 0,
            11, 12, 13, 14, 15, 16);

        var frame = scene.ServerThread.Frame;
        Assert.That(scene.Bench.Result(scene.ServerThread).Kind, Is.EqualTo(ReceiveKind.Call));
        Assert.That(new MessageInfo(frame->A1).Code, Is.EqualTo(42));
        Assert.That(new MessageInfo(frame->A1).Attempt, Is.EqualTo(1));
        Assert.That(frame->A2, Is.EqualTo(IpcScene.ClientBadge));
        Assert.That(frame->A4, Is.Not.Zero);
        ulong[] words = [frame->A5, frame->A6, frame->A7, frame->A8, frame->A9, frame->A10];
        Assert.That(words, Is.EqualTo(new ulong[] { 11, 12, 13, 14, 15, 16 }));
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }

    [Test]
    public void Reply_gives_status_and_words_to_the_caller_once()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        Status status = scene.Bench.Do(
            scene.ServerThread, SystemCall.Reply, reply, (ulong)Status.NotFound, 0, 0, 0,
            1, 2, 3, 4, 5, 6).Status;

        Assert.That(status, Is.EqualTo(Status.Ok));
        CallResult result = scene.Bench.Result(scene.ClientThread);
        Assert.That(result.Status, Is.EqualTo(Status.Ok));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.Replied));
        var frame = scene.ClientThread.Frame;
        Assert.That(new MessageInfo(frame->A1).Status, Is.EqualTo(Status.NotFound));
        Assert.That((frame->A5, frame->A10), Is.EqualTo((1ul, 6ul)));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.BadHandle));
        scene.Audit();
    }

    [Test]
    public void ReplyReceive_answers_first_then_takes_the_next()
    {
        IpcScene scene = new();
        Thread other = scene.NewCaller(out ulong otherDoor);
        scene.BeginCall();
        scene.BeginCall(other, otherDoor, operation: 2);
        ulong reply = scene.Take();
        scene.Bench.Begin(scene.ServerThread, SystemCall.ReplyReceive, reply, 0, scene.Endpoint);

        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Ok));
        Assert.That(new MessageInfo(scene.ServerThread.Frame->A1).Code, Is.EqualTo(2));
        ulong second = scene.ServerThread.Frame->A0;
        scene.Bench.Begin(scene.ServerThread, SystemCall.ReplyReceive, second, 0, scene.Endpoint);
        Assert.That(scene.Bench.Result(other).Status, Is.EqualTo(Status.Ok));
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive));
        scene.Audit();
    }

    [Test]
    public void ReplyReceive_goes_on_when_the_caller_is_gone()
    {
        IpcScene scene = new();
        scene.BeginCall(deadlineNs: scene.Bench.Machine.NowNs + 1_000_000);
        ulong reply = scene.Take();
        scene.Bench.Advance(2_000_000);
        scene.Bench.Begin(scene.ServerThread, SystemCall.ReplyReceive, reply, 0, scene.Endpoint);
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InReceive));
        scene.Audit();
    }

    [Test]
    public void Calls_are_delivered_by_priority_then_arrival()
    {
        IpcScene scene = new();
        Thread late = scene.NewCaller(out ulong lateDoor);
        Thread high = scene.NewCaller(out ulong highDoor, Priority.Driver);
        scene.BeginCall(scene.ClientThread, scene.Door, operation: 1);
        scene.BeginCall(late, lateDoor, operation: 2);
        scene.BeginCall(high, highDoor, operation: 3);

        ushort[] order = new ushort[3];
        for (int number = 0; number < order.Length; number++)
        {
            ulong reply = scene.Take();
            order[number] = new MessageInfo(scene.ServerThread.Frame->A1).Code;
            scene.Reply(scene.ServerThread, reply);
        }

        Assert.That(order, Is.EqualTo(new ushort[] { 3, 1, 2 }));
    }

    [Test]
    public void Priority_is_lent_to_the_server_until_it_replies()
    {
        IpcScene scene = new();
        Thread driver = scene.NewCaller(out ulong door, Priority.Driver);
        scene.BeginCall(driver, door);
        ulong reply = scene.Take();
        Assert.That(scene.ServerThread.EffectivePriority, Is.EqualTo(Priority.Driver));
        scene.Reply(scene.ServerThread, reply);
        Assert.That(scene.ServerThread.EffectivePriority, Is.EqualTo(Priority.Server));
    }

    [TestCase(2), TestCase(1)]
    public void Call_to_the_same_or_a_higher_layer_is_refused(byte callerLayer)
    {
        IpcScene scene = new();
        Process low = scene.Bench.NewProcess("low", new Layer(callerLayer));
        ulong door = scene.Bench.Give(scene.Keeper, scene.KeeperDoor, low);
        scene.BeginCall(low.MainThread!, door);
        CallResult result = scene.Bench.Result(low.MainThread!);
        Assert.That(result.Status, Is.EqualTo(Status.LayerViolation));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.NotExecuted));
    }

    [Test]
    public void Receive_by_a_process_above_the_endpoint_is_refused()
    {
        IpcScene scene = new();
        ulong stolen = scene.Bench.Give(scene.Keeper, scene.KeeperEndpoint, scene.Client);
        Assert.That(
            scene.Bench.Do(scene.Client, SystemCall.Receive, stolen, 0, 1).Status,
            Is.EqualTo(Status.LayerViolation));
    }

    [Test]
    public void Call_that_nobody_received_times_out_as_not_executed()
    {
        IpcScene scene = new();
        scene.BeginCall(deadlineNs: scene.Bench.Machine.NowNs + 5_000_000);
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Bench.Advance(6_000_000);
        CallResult result = scene.Bench.Result(scene.ClientThread);
        Assert.That(result.Status, Is.EqualTo(Status.TimedOut));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.NotExecuted));
        scene.Audit();
    }

    [Test]
    public void Call_in_a_servers_hands_times_out_as_maybe_executed()
    {
        IpcScene scene = new();
        scene.BeginCall(deadlineNs: scene.Bench.Machine.NowNs + 5_000_000);
        ulong reply = scene.Take();
        scene.Bench.Advance(6_000_000);
        CallResult result = scene.Bench.Result(scene.ClientThread);
        Assert.That(result.Status, Is.EqualTo(Status.TimedOut));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.MaybeExecuted));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.CallerGone));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.BadHandle));
        scene.Audit();
    }

    [Test]
    public void Call_with_deadline_1_does_not_wait()
    {
        IpcScene scene = new();
        scene.BeginCall(deadlineNs: 1);
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.TimedOut));
    }

    [Test]
    public void Default_deadline_is_for_calls_that_may_not_block()
    {
        IpcScene scene = new(defaultDeadlineNs: 1_000_000);
        Thread patient = scene.NewCaller(out ulong door);
        scene.BeginCall();
        scene.BeginCall(patient, door, flags: MessageFlags.MayBlock);
        scene.Bench.Advance(10_000_000);
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.TimedOut));
        Assert.That(patient.State, Is.EqualTo(ThreadState.InCall));
    }

    [Test]
    public void Reply_handle_of_another_process_is_bad()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        Process thief = scene.Restart(out _);
        Assert.That(scene.Reply(thief.MainThread!, reply), Is.EqualTo(Status.BadHandle));
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Reply_cannot_be_copied_or_passed_on()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.Copy, reply, (ulong)Rights.All).Status,
            Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Closing_a_reply_answers_peer_died_maybe_executed()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.Close, reply).Status, Is.EqualTo(Status.Ok));
        CallResult result = scene.Bench.Result(scene.ClientThread);
        Assert.That(result.Status, Is.EqualTo(Status.PeerDied));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.MaybeExecuted));
        scene.Audit();
    }

    [Test]
    public void Park_is_for_calls_that_may_block()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong impatient = scene.Take();
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.Park, impatient).Status,
            Is.EqualTo(Status.WrongType));
        scene.Reply(scene.ServerThread, impatient);

        scene.BeginCall(MessageFlags.MayBlock);
        ulong reply = scene.Take();
        Assert.That(
            scene.Bench.Do(scene.Server, SystemCall.Park, reply).Status, Is.EqualTo(Status.Ok));
        Assert.That(scene.ServerThread.Handling, Is.Null);
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Malformed_info_kills_the_caller_alone()
    {
        IpcScene scene = new();
        scene.Bench.Begin(scene.ClientThread, SystemCall.Call, scene.Door, 1ul << 60);
        Assert.That(scene.Client.State, Is.EqualTo(ProcessState.Zombie));
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.Server.IsAlive, Is.True);
        scene.Audit();
    }

    [TestCase(0x10FFul), TestCase(0x1FFFul), TestCase(1ul << 40 | 0x1000)]
    public void Undefined_number_kills_the_caller(ulong number)
    {
        IpcScene scene = new();
        scene.Bench.Begin(scene.ClientThread, (SystemCall)0x1060);
        scene.ClientThread.Frame->Rax = number;
        scene.Bench.Start(scene.ClientThread);
        Assert.That(scene.Client.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
    }

    [Test]
    public void Cancel_ends_a_call_with_its_outcome()
    {
        IpcScene scene = new();
        ulong self = scene.Bench.Make(scene.Client, SystemCall.ThreadSelf);
        ulong thread = scene.Bench.Give(scene.Client, self, scene.Keeper);
        scene.BeginCall();
        Assert.That(
            scene.Bench.Do(scene.Keeper, SystemCall.CancelCall, thread).Status,
            Is.EqualTo(Status.Ok));
        CallResult result = scene.Bench.Result(scene.ClientThread);
        Assert.That(result.Status, Is.EqualTo(Status.Cancelled));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.NotExecuted));
        scene.Audit();
    }

    [Test]
    public void Cancel_sticks_once_when_nothing_waits()
    {
        IpcScene scene = new();
        ulong self = scene.Bench.Make(scene.Client, SystemCall.ThreadSelf);
        ulong thread = scene.Bench.Give(scene.Client, self, scene.Keeper);
        scene.Bench.Do(scene.Keeper, SystemCall.CancelCall, thread);
        scene.BeginCall();
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Cancelled));
        scene.BeginCall();
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
    }

    [Test]
    public void Cancel_wakes_a_receive_without_endpoint()
    {
        IpcScene scene = new();
        ulong self = scene.Bench.Make(scene.Client, SystemCall.ThreadSelf);
        ulong thread = scene.Bench.Give(scene.Client, self, scene.Keeper);
        scene.Bench.Begin(scene.ClientThread, SystemCall.Receive);
        scene.Bench.Do(scene.Keeper, SystemCall.CancelCall, thread);
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Cancelled));
    }
}

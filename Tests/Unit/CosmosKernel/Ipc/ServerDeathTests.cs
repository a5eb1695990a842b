// Rules 2 and 3: the endpoint outlives its server, and its calls are delivered again.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class ServerDeathTests
{
    [Test]
    public void Queued_call_waits_for_the_next_incarnation()
    {
        IpcScene scene = new();
        scene.BeginReceive();
        scene.KillServer();
        scene.BeginCall();
        Process next = scene.Restart(out ulong endpoint);
        ulong reply = scene.Take(next.MainThread!, endpoint);
        Assert.That(new MessageInfo(next.MainThread!.Frame->A1).Attempt, Is.EqualTo(1));
        scene.Reply(next.MainThread!, reply);
        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Delivered_calls_come_again_in_order_with_the_same_id_before_new_ones()
    {
        IpcScene scene = new();
        Thread second = scene.NewCaller(out ulong secondDoor);
        Thread third = scene.NewCaller(out ulong thirdDoor, Priority.Driver);
        scene.BeginCall(scene.ClientThread, scene.Door, 1, MessageFlags.MayBlock, word: 100);
        ulong first = scene.Take();
        ulong id = scene.ServerThread.Frame->A4;
        scene.Bench.Do(scene.Server, SystemCall.Park, first);
        scene.BeginCall(second, secondDoor, 2);
        scene.Take();
        scene.BeginCall(third, thirdDoor, 3);
        scene.KillServer();
        Assert.That(scene.Server.Death.RequestsRedelivered, Is.EqualTo(2));

        Process next = scene.Restart(out ulong endpoint);
        ushort[] order = new ushort[3];
        ushort[] attempts = new ushort[3];
        for (int number = 0; number < 3; number++)
        {
            ulong reply = scene.Take(next.MainThread!, endpoint);
            MessageInfo info = new(next.MainThread!.Frame->A1);
            order[number] = info.Code;
            attempts[number] = info.Attempt;
            if (number == 0)
            {
                Assert.That(next.MainThread!.Frame->A4, Is.EqualTo(id));
                Assert.That(next.MainThread!.Frame->A5, Is.EqualTo(100));
            }

            scene.Reply(next.MainThread!, reply);
        }

        Assert.That(order, Is.EqualTo(new ushort[] { 1, 2, 3 }));
        Assert.That(attempts, Is.EqualTo(new ushort[] { 2, 2, 1 }));
        scene.Audit();
    }

    [Test]
    public void Fail_answers_peer_died_until_another_process_receives()
    {
        IpcScene scene = new(OnDeath.Fail);
        Thread second = scene.NewCaller(out ulong secondDoor);
        scene.BeginCall();
        scene.Take();
        scene.BeginCall(second, secondDoor);
        scene.KillServer();
        Assert.That(
            scene.Bench.Result(scene.ClientThread),
            Is.EqualTo(new CallResult(Status.PeerDied, (byte)Outcome.MaybeExecuted)));
        Assert.That(
            scene.Bench.Result(second),
            Is.EqualTo(new CallResult(Status.PeerDied, (byte)Outcome.NotExecuted)));
        scene.BeginCall();
        Assert.That(
            scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.PeerDied));

        Process next = scene.Restart(out ulong endpoint);
        scene.Bench.Begin(next.MainThread!, SystemCall.Receive, endpoint);
        scene.BeginCall();
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }

    [Test]
    public void Fail_holds_calls_before_the_first_receive()
    {
        IpcScene scene = new(OnDeath.Fail);
        scene.BeginCall();
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall));
    }

    [Test]
    public void Vanish_revokes_every_capability_of_the_endpoint()
    {
        IpcScene scene = new(OnDeath.Vanish);
        scene.BeginCall();
        scene.Take();
        scene.KillServer();
        Assert.That(
            scene.Bench.Result(scene.ClientThread),
            Is.EqualTo(new CallResult(Status.Revoked, (byte)Outcome.MaybeExecuted)));
        scene.BeginCall();
        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Revoked));
        Process next = scene.Restart(out ulong endpoint);
        Assert.That(
            scene.Bench.Do(next, SystemCall.Receive, endpoint, 0, 1).Status,
            Is.EqualTo(Status.Revoked));
        scene.Audit();
    }

    // An upgrade of a mount with ondeath=vanish once took the mount with it.
    [TestCase(OnDeath.Hold), TestCase(OnDeath.Fail), TestCase(OnDeath.Vanish)]
    public void Server_that_is_replaced_has_not_died_for_its_callers(OnDeath onDeath)
    {
        IpcScene scene = new(onDeath);
        Thread second = scene.NewCaller(out ulong secondDoor);
        scene.BeginCall();
        scene.Take();
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Server, DeathCause.Replaced);
        scene.BeginCall(second, secondDoor, 2);
        Assert.That(scene.ClientThread.State, Is.EqualTo(ThreadState.InCall), "in hand");
        Assert.That(second.State, Is.EqualTo(ThreadState.InCall), "while nobody receives");
        Process next = scene.Restart(out ulong endpoint);
        foreach (Thread caller in (Thread[])[scene.ClientThread, second])
        {
            scene.Reply(next.MainThread!, scene.Take(next.MainThread!, endpoint));
            Assert.That(scene.Bench.Result(caller).Status, Is.EqualTo(Status.Ok));
        }

        scene.Audit();
    }

    [Test]
    public void Caller_that_died_is_not_delivered_again()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong reply = scene.Take();
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        Assert.That(scene.Reply(scene.ServerThread, reply), Is.EqualTo(Status.CallerGone));
        scene.KillServer();
        Assert.That(scene.Server.Death.RequestsRedelivered, Is.Zero);
        scene.Audit();
    }

    [Test]
    public void Request_that_faults_its_server_twice_is_poisoned()
    {
        IpcScene scene = new();
        scene.BeginCall();
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        for (int death = 0; death < 2; death++)
        {
            scene.Take(server.MainThread!, endpoint);
            ProcessDeath.ThreadFaulted(
                scene.Bench.Kernel, server.MainThread!, DeathCause.NullReference, 8);
            scene.Bench.Settle();
            server = scene.Restart(out endpoint);
        }

        Assert.That(
            scene.Bench.Result(scene.ClientThread),
            Is.EqualTo(new CallResult(Status.Poisoned, (byte)Outcome.MaybeExecuted)));
        Assert.That(server.IsAlive, Is.True);
        scene.Audit();
    }

    [TestCase(DeathCause.Killed), TestCase(DeathCause.Replaced)]
    public void Request_is_not_blamed_for_a_kill(DeathCause cause)
    {
        IpcScene scene = new();
        scene.BeginCall();
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        for (int death = 0; death < 5; death++)
        {
            scene.Take(server.MainThread!, endpoint);
            ProcessDeath.Kill(scene.Bench.Kernel, server, cause);
            server = scene.Restart(out endpoint);
        }

        ulong reply = scene.Take(server.MainThread!, endpoint);
        Assert.That(new MessageInfo(server.MainThread!.Frame->A1).Attempt, Is.EqualTo(6));
        Assert.That(scene.Reply(server.MainThread!, reply), Is.EqualTo(Status.Ok));
    }

    [TestCase(DeathCause.NullReference), TestCase(DeathCause.Hung)]
    public void Request_that_is_killed_five_times_by_injected_faults_is_answered(DeathCause cause)
    {
        IpcScene scene = new();
        scene.BeginCall();
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        for (int death = 0; death < 5; death++)
        {
            scene.Take(server.MainThread!, endpoint);
            Assert.That(
                scene.Bench.Do(server, SystemCall.BlameNobody).Status, Is.EqualTo(Status.Ok));
            if (cause == DeathCause.Hung)
                ProcessDeath.Kill(scene.Bench.Kernel, server, cause);
            else
                ProcessDeath.ThreadFaulted(scene.Bench.Kernel, server.MainThread!, cause, 8);
            Assert.That(server.Death.Injected, Is.EqualTo(1));
            scene.Bench.Settle();
            server = scene.Restart(out endpoint);
        }

        ulong reply = scene.Take(server.MainThread!, endpoint);
        Assert.That(new MessageInfo(server.MainThread!.Frame->A1).Attempt, Is.EqualTo(6));
        Assert.That(scene.ClientThread.Request.Faults, Is.Zero);
        Assert.That(scene.Reply(server.MainThread!, reply), Is.EqualTo(Status.Ok));
        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Time_of_the_first_answer_is_kept_with_the_death()
    {
        IpcScene scene = new();
        scene.Bench.Advance(1_000);
        for (int call = 0; call < 2; call++)
        {
            scene.BeginCall();
            scene.Bench.Advance(1_000);
            scene.Reply(scene.ServerThread, scene.Take());
        }

        ulong firstNs = scene.Server.FirstReplyNs;
        Assert.That(firstNs, Is.Not.Zero.And.LessThan(scene.Bench.Kernel.NowNs));
        scene.KillServer();
        Assert.That(scene.Server.Death.FirstReplyNs, Is.EqualTo(firstNs));
        Assert.That(scene.Restart(out _).FirstReplyNs, Is.Zero);
    }

    [Test]
    public void Next_process_in_a_record_is_blamed_again()
    {
        IpcScene scene = new();
        scene.Bench.Do(scene.Server, SystemCall.BlameNobody);
        scene.Server.Reset(scene.Server.Id, 0, null);
        Assert.That(scene.Server.BlamesNobody, Is.False);
    }

    [Test]
    public void Request_is_not_blamed_for_the_machines_memory()
    {
        IpcScene scene = new();
        scene.BeginCall();
        scene.Take();
        ProcessDeath.ThreadFaulted(
            scene.Bench.Kernel, scene.ServerThread, DeathCause.Memory, 0x1000);
        Assert.That(scene.ClientThread.Request.Faults, Is.Zero);
    }

    [Test]
    public void Hung_server_blames_the_oldest_request_that_is_not_parked()
    {
        IpcScene scene = new();
        Thread second = scene.NewCaller(out ulong secondDoor);
        scene.BeginCall(MessageFlags.MayBlock);
        scene.Bench.Do(scene.Server, SystemCall.Park, scene.Take());
        scene.BeginCall(second, secondDoor);
        scene.Take();
        scene.KillServer(DeathCause.Hung);
        Assert.That(scene.ClientThread.Request.Faults, Is.Zero);
        Assert.That(second.Request.Faults, Is.EqualTo(1));
        Assert.That(scene.Server.Death.RequestId, Is.EqualTo(second.Request.Id.Value));
    }

    [Test]
    public void Third_poisoning_revokes_the_capability_that_was_used_and_no_other()
    {
        IpcScene scene = new();
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        for (int death = 0; death < 6; death++)
        {
            if (death % 2 == 0) scene.BeginCall();
            scene.Take(server.MainThread!, endpoint);
            ProcessDeath.ThreadFaulted(
                scene.Bench.Kernel, server.MainThread!, DeathCause.DivideError, 0);
            scene.Bench.Settle();
            server = scene.Restart(out endpoint);
        }

        scene.BeginCall();
        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Revoked));
        Thread other = scene.NewCaller(out ulong door);
        scene.BeginCall(other, door);
        Assert.That(other.State, Is.EqualTo(ThreadState.InCall));
        scene.Audit();
    }

    // Swarm, seed 1610: the older one was queued again though it had ended, and came as a call of
    // nobody to the next incarnation.
    [Test]
    public void Older_call_of_the_capability_that_a_poisoning_revokes_ends_and_never_comes_again()
    {
        IpcScene scene = new();
        Thread other = scene.Bench.NewThread(scene.Client);
        Process server = scene.Server;
        ulong endpoint = scene.Endpoint;
        for (int death = 0; death < 6; death++)
        {
            if (death == 4) scene.BeginCall(other, scene.Door, 2, MessageFlags.MayBlock);
            if (death % 2 == 0) scene.BeginCall();
            if (death >= 4)
            {
                ulong older = scene.Take(server.MainThread!, endpoint);
                scene.Bench.Do(server.MainThread!, SystemCall.Park, older);
            }

            scene.Take(server.MainThread!, endpoint);
            ProcessDeath.ThreadFaulted(
                scene.Bench.Kernel, server.MainThread!, DeathCause.DivideError, 0);
            scene.Bench.Settle();
            server = scene.Restart(out endpoint);
        }

        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Poisoned));
        Assert.That(scene.Bench.Result(other).Status, Is.EqualTo(Status.Revoked));
        Assert.That(
            scene.Poll(server.MainThread!, endpoint).Status, Is.EqualTo(Status.TimedOut));
        scene.Audit();
    }

    [Test]
    public void Server_handle_of_a_dead_incarnation_does_not_work_in_the_next()
    {
        IpcScene scene = new();
        scene.BeginCall();
        ulong stale = scene.Take();
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        ulong reply = scene.Take(next.MainThread!, endpoint);
        Assert.That(scene.Reply(next.MainThread!, stale), Is.EqualTo(Status.BadHandle));
        Assert.That(scene.Reply(next.MainThread!, reply), Is.EqualTo(Status.Ok));
    }
}

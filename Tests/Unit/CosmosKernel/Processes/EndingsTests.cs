// What ends many calls does so in parts: nothing is lost between them, nobody is told too early.

using System.Linq;
using CosmosKernel;
using CosmosKernel.Diagnostics.Auditing;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed unsafe class EndingsTests
{
    const int Calls = 12;

    static IpcScene NewScene(OnDeath onDeath = OnDeath.Hold)
    {
        IpcScene scene = new(onDeath, config: KernelBench.SmallConfig with { PartSteps = 4 });
        scene.Client.ThreadQuota = Calls + 1;
        return scene;
    }

    /// <summary>Each makes a call, whose operation is its number.</summary>
    static Thread[] BeginCalls(IpcScene scene)
    {
        Thread[] callers = new Thread[Calls];
        for (int number = 0; number < Calls; number++)
        {
            callers[number] = scene.Bench.NewThread(scene.Client);
            scene.BeginCall(callers[number], scene.Door, (ushort)(number + 1));
        }

        return callers;
    }

    static void TakeAll(IpcScene scene)
    {
        for (int number = 0; number < Calls; number++) scene.Take();
    }

    /// <summary>As a kill; what is left of it comes with the timer.</summary>
    static void BeginDeath(IpcScene scene)
    {
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Server, DeathCause.Killed);
        Assert.That(scene.Server.IsEnding);
    }

    static void RequireNoLeak(Kernel kernel)
    {
        AuditReport report = Auditor.RunAll(kernel);
        Assert.That(report.Leaked, Is.Zero, report.ToString());
    }

    static void RequireEnded(IpcScene scene, Thread[] callers, Status expected)
    {
        foreach (Thread caller in callers)
            Assert.That(scene.Bench.Result(caller).Status, Is.EqualTo(expected));
    }

    static ushort[] ServeAll(IpcScene scene)
    {
        Process next = scene.Restart(out ulong endpoint);
        Thread server = next.MainThread!;
        System.Collections.Generic.List<ushort> order = [];
        while (scene.Poll(server, endpoint).Status == Status.Ok)
        {
            order.Add(new MessageInfo(server.Frame->A1).Code);
            scene.Reply(server, server.Frame->A0);
        }

        return [.. order];
    }

    static readonly ushort[] All = [.. Enumerable.Range(1, Calls).Select(one => (ushort)one)];

    [Test]
    public void Calls_of_the_dead_go_back_in_order_before_its_maker_is_told()
    {
        IpcScene scene = NewScene();
        Kernel kernel = scene.Bench.Kernel;
        BeginCalls(scene);
        TakeAll(scene);
        ulong told = scene.Bench.Make(scene.Keeper, SystemCall.NotificationCreate);
        kernel.Capabilities.Find(scene.Keeper, told, out int index);
        Notification death = kernel.Notifications[kernel.Capabilities[index].ObjectIndex];
        kernel.Notifications.AddReference(death);
        (scene.Server.DeathNotification, scene.Server.DeathBits) = (death, 4);
        BeginDeath(scene);
        int parts = 0;
        for (; scene.Server.IsEnding; parts++)
        {
            Assert.That(death.Bits, Is.Zero);
            Assert.That(
                scene.Bench.Machine.ArmedNs, Is.LessThanOrEqualTo(scene.Bench.Machine.NowNs));
            RequireNoLeak(kernel);
            KernelAudit.Check(kernel);
            kernel.Run();
        }

        Assert.That(parts, Is.GreaterThan(3));
        Assert.That(death.Bits, Is.EqualTo(4));
        Assert.That(scene.Server.Death.RequestsRedelivered, Is.EqualTo(Calls));
        Assert.That(ServeAll(scene), Is.EqualTo(All));
        scene.Audit();
    }

    static ulong HandleOfServer(IpcScene scene) => scene.Bench.Grant(
        scene.Keeper, ObjectType.Process, scene.Server.Index,
        generation: scene.Server.Generation);

    // By its handle, or as the last child that has died.
    [TestCase(true, Status.WouldBlock), TestCase(false, Status.NotFound)]
    public void Nobody_collects_a_process_while_its_end_is_under_way(
        bool hasHandle, Status expected)
    {
        IpcScene scene = NewScene();
        BeginCalls(scene);
        TakeAll(scene);
        ulong handle = hasHandle ? HandleOfServer(scene) : 0;
        scene.Server.MakerIndex = scene.Keeper.Index;
        BeginDeath(scene);
        DeathRecord record = default;
        foreach (Status answer in (Status[])[expected, Status.Ok])
        {
            Assert.That(
                scene.Bench.Do(
                    scene.Keeper, SystemCall.ProcessCollect, handle, (ulong)&record).Status,
                Is.EqualTo(answer));
        }

        Assert.That(record.RequestsRedelivered, Is.EqualTo(Calls));
    }

    [Test]
    public void Who_kills_is_answered_at_the_end()
    {
        IpcScene scene = NewScene();
        BeginCalls(scene);
        TakeAll(scene);
        scene.Bench.Begin(
            scene.Keeper.MainThread!, SystemCall.ProcessKill, HandleOfServer(scene),
            (ulong)DeathCause.Killed);
        Assert.That(scene.Bench.Machine.Repeats, Is.Positive);
        Assert.That(scene.Server.IsEnding, Is.False);
        Assert.That(
            scene.Bench.Result(scene.Keeper.MainThread!).Status, Is.EqualTo(Status.Ok));
        Assert.That(ServeAll(scene), Is.EqualTo(All));
        scene.Audit();
    }

    [Test]
    public void Call_that_ends_between_two_parts_does_not_come_again()
    {
        IpcScene scene = NewScene();
        Thread[] callers = BeginCalls(scene);
        TakeAll(scene);
        BeginDeath(scene);
        CallPath.End(scene.Bench.Kernel, callers[0].Request, Status.TimedOut);
        CallPath.End(scene.Bench.Kernel, callers[5].Request, Status.Cancelled);
        scene.Bench.Settle();
        Assert.That(scene.Server.Death.RequestsRedelivered, Is.EqualTo(Calls - 2));
        Assert.That(ServeAll(scene), Is.EqualTo(All.Where(one => one is not (1 or 6))));
        scene.Audit();
    }

    [Test]
    public void Call_that_is_made_between_two_parts_stays_with_its_own_server()
    {
        IpcScene scene = NewScene();
        KernelBench bench = scene.Bench;
        Process other = bench.NewProcess("other", Layer.FileSystem, Priority.Server);
        ulong endpoint = bench.Make(
            scene.Keeper, SystemCall.EndpointCreate, 0, Layer.FileSystem.Value);
        ulong door = bench.Give(scene.Keeper, endpoint, scene.Client);
        ulong own = bench.Give(scene.Keeper, endpoint, other);
        bench.Begin(other.MainThread!, SystemCall.Receive, own);
        Thread[] callers = BeginCalls(scene);
        TakeAll(scene);
        BeginDeath(scene);
        CallPath.End(bench.Kernel, callers[0].Request, Status.TimedOut);
        bench.Kernel.Scheduler.Block(callers[0], ThreadState.InSleep);
        scene.BeginCall(callers[0], door, operation: 77);
        Assert.That(scene.Server.IsEnding, Is.False);
        Assert.That(callers[0].Request.Server, Is.SameAs(other.MainThread));
        scene.Reply(other.MainThread!, other.MainThread!.Frame->A0);
        Assert.That(bench.Result(callers[0]).Status, Is.EqualTo(Status.Ok));
        Assert.That(ServeAll(scene), Is.EqualTo(All.Skip(1)));
        scene.Audit();
    }

    [TestCase(OnDeath.Fail, Status.PeerDied), TestCase(OnDeath.Vanish, Status.Revoked)]
    public void What_waits_at_the_endpoints_of_the_dead_ends_in_parts(
        OnDeath onDeath, Status expected)
    {
        IpcScene scene = NewScene(onDeath);
        scene.Poll();
        Thread[] callers = BeginCalls(scene);
        scene.Take();
        BeginDeath(scene);
        KernelAudit.Check(scene.Bench.Kernel);
        scene.Bench.Settle();
        RequireEnded(scene, callers, expected);
        scene.Audit();
    }

    [Test]
    public void What_another_server_has_of_an_endpoint_that_vanishes_ends_in_parts()
    {
        IpcScene scene = NewScene(OnDeath.Vanish);
        Thread[] callers = BeginCalls(scene);
        Process other = scene.Restart(out ulong endpoint);
        for (int number = 2; number < Calls; number++) scene.Take(other.MainThread!, endpoint);
        scene.Take();
        BeginDeath(scene);
        scene.Bench.Settle();
        RequireEnded(scene, callers, Status.Revoked);
        scene.Audit();
    }

    [Test]
    public void Who_revokes_is_answered_when_all_calls_have_ended()
    {
        IpcScene scene = NewScene();
        Thread[] callers = BeginCalls(scene);
        scene.Take();
        scene.Bench.Begin(
            scene.Keeper.MainThread!, SystemCall.Revoke, scene.KeeperEndpoint);
        Assert.That(scene.Bench.Machine.Repeats, Is.Positive);
        Assert.That(
            scene.Bench.Result(scene.Keeper.MainThread!).Status, Is.EqualTo(Status.Ok));
        RequireEnded(scene, callers, Status.Revoked);
        scene.Audit();
    }

    // Nobody makes its call again.
    [Test]
    public void Calls_end_though_whoever_has_revoked_dies_between_two_parts()
    {
        IpcScene scene = NewScene();
        Kernel kernel = scene.Bench.Kernel;
        Thread[] callers = BeginCalls(scene);
        kernel.Capabilities.Find(scene.Keeper, scene.KeeperEndpoint, out int index);
        kernel.Capabilities.Revoke(index);
        CallPath.EndRevoked(kernel);
        Assert.That(kernel.HasRevokedCalls);
        RequireNoLeak(kernel);
        scene.Bench.Settle();
        RequireEnded(scene, callers, Status.Revoked);
        scene.Audit();
    }

    // Swarm, seed 19: what a stopped receiver does not take was offered to it for ever.
    [Test]
    public void Death_comes_to_its_end_while_another_server_is_stopped()
    {
        IpcScene scene = NewScene();
        BeginCalls(scene);
        TakeAll(scene);
        Process other = scene.Restart(out ulong endpoint);
        scene.Bench.Begin(other.MainThread!, SystemCall.Receive, endpoint);
        ProcessStop.Stop(scene.Bench.Kernel, other);
        BeginDeath(scene);
        for (int turn = 0; turn < 10 * Calls && scene.Server.IsEnding; turn++)
            scene.Bench.Kernel.Run();
        Assert.That(scene.Server.IsEnding, Is.False);
        ProcessStop.Continue(scene.Bench.Kernel, other);
        Assert.That(new MessageInfo(other.MainThread!.Frame->A1).Code, Is.EqualTo(1));
        scene.Audit();
    }

    // It dies within the part that offers it the call.
    [Test]
    public void Receiver_that_dies_of_what_a_part_gives_it_has_its_turn_and_so_has_the_next()
    {
        IpcScene scene = NewScene();
        MessageExtras sent = default, received = default;
        sent.Handles[0] = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        scene.Bench.Begin(
            scene.ClientThread, SystemCall.Call, scene.Door, new MessageInfo(1, 1).Value, 0,
            (ulong)&sent);
        scene.Bench.Do(
            scene.Server, SystemCall.Receive, scene.Endpoint, 0, 1, (ulong)&received);
        Process other = scene.Restart(out ulong endpoint);
        scene.Bench.Begin(
            other.MainThread!, SystemCall.Receive, endpoint, 0, 0, AddressMap.UserLowFirst);
        scene.KillServer();
        Assert.That(other.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(scene.Server.IsEnding || other.IsEnding, Is.False);
        scene.Audit();

        for (int death = 0; death < 2; death++)
        {
            Process next = scene.Restart(out endpoint);
            scene.Take(next.MainThread!, endpoint);
            ProcessDeath.Kill(scene.Bench.Kernel, next, DeathCause.Killed);
            scene.Bench.Settle();
            Assert.That(next.Death.RequestsRedelivered, Is.EqualTo(1));
        }

        scene.Audit();
    }

    [Test]
    public void Who_dies_while_another_death_is_under_way_has_its_turn()
    {
        IpcScene scene = NewScene();
        Thread[] callers = BeginCalls(scene);
        for (int number = 0; number < Calls / 2; number++) scene.Take();
        Process other = scene.Restart(out ulong endpoint);
        for (int number = 0; number < Calls / 2; number++) scene.Take(other.MainThread!, endpoint);
        BeginDeath(scene);
        ProcessDeath.Kill(scene.Bench.Kernel, other, DeathCause.Killed);
        Assert.That(other.IsEnding);
        scene.Bench.Settle();
        Assert.That(other.IsEnding, Is.False);
        Assert.That(other.Death.RequestsRedelivered, Is.EqualTo(Calls / 2));
        // Each death puts what it gives back before all else.
        Assert.That(ServeAll(scene), Is.EqualTo(All.Skip(Calls / 2).Concat(All.Take(Calls / 2))));
        Assert.That(callers.All(caller => caller.State == ThreadState.InSleep));
        scene.Audit();
    }
}

// A call made while serving another: same request, same deadline, same priority.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class NestedCallTests
{
    readonly IpcScene scene = new();
    Process driver = null!;
    ulong keeperEndpoint, driverEndpoint, driverDoor;

    public NestedCallTests()
    {
        driver = scene.Bench.NewProcess("driver", Layer.Driver, Priority.Driver);
        keeperEndpoint = scene.Bench.Make(
            scene.Keeper, SystemCall.EndpointCreate, 0, Layer.Driver.Value);
        driverEndpoint = scene.Bench.Give(scene.Keeper, keeperEndpoint, driver);
        driverDoor = scene.Bench.Give(driver, driverEndpoint, scene.Server);
    }

    ulong CallDriver(Process server, ulong door, ulong reply)
    {
        scene.Bench.Begin(
            server.MainThread!, SystemCall.Call, door, new MessageInfo(9).Value, 0, 0, reply);
        ulong nested = scene.Take(driver.MainThread!, driverEndpoint);
        ulong id = driver.MainThread!.Frame->A4;
        scene.Reply(driver.MainThread!, nested);
        return id;
    }

    [Test]
    public void Nested_calls_have_ids_that_redelivery_repeats()
    {
        scene.BeginCall();
        ulong reply = scene.Take();
        ulong first = CallDriver(scene.Server, driverDoor, reply);
        ulong second = CallDriver(scene.Server, driverDoor, reply);
        Assert.That(first, Is.Not.EqualTo(second));
        scene.KillServer();

        Process next = scene.Restart(out ulong endpoint);
        ulong door = scene.Bench.Give(driver, driverEndpoint, next);
        reply = scene.Take(next.MainThread!, endpoint);
        Assert.That(CallDriver(next, door, reply), Is.EqualTo(first));
        Assert.That(CallDriver(next, door, reply), Is.EqualTo(second));
        scene.Audit();
    }

    [Test]
    public void Poisoning_of_a_nested_call_is_charged_to_who_asked_for_it()
    {
        for (int poisoning = 1; poisoning <= 3; poisoning++)
        {
            scene.BeginCall();
            ulong reply = scene.Take();
            scene.Bench.Begin(
                scene.ServerThread, SystemCall.Call, driverDoor, new MessageInfo(9).Value, 0, 0,
                reply);
            for (int death = 0; death < 2; death++)
            {
                scene.Take(driver.MainThread!, driverEndpoint);
                ProcessDeath.ThreadFaulted(
                    scene.Bench.Kernel, driver.MainThread!, DeathCause.NullReference, 8);
                scene.Bench.Settle();
                Assert.That(driver.Death.RequestsPoisoned, Is.EqualTo(death));
                driver = scene.Bench.NewProcess("driver", Layer.Driver, Priority.Driver);
                driverEndpoint = scene.Bench.Give(scene.Keeper, keeperEndpoint, driver);
            }

            Assert.That(
                scene.Bench.Result(scene.ServerThread).Status, Is.EqualTo(Status.Poisoned));
            Assert.That(scene.Client.Poisonings, Is.EqualTo(poisoning));
            Assert.That(scene.Server.Poisonings, Is.Zero);
            if (poisoning < 3) scene.Reply(scene.ServerThread, reply);
        }

        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Revoked));
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.Call, driverDoor, new MessageInfo(9).Value);
        Assert.That(scene.ServerThread.State, Is.EqualTo(ThreadState.InCall), "its own are good");
        scene.Audit();
    }

    [Test]
    public void Nested_call_inherits_the_remaining_deadline()
    {
        ulong deadline = scene.Bench.Machine.NowNs + 5_000_000;
        scene.BeginCall(deadlineNs: deadline);
        ulong reply = scene.Take();
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.Call, driverDoor, new MessageInfo(9).Value, 0, 0, reply);
        Assert.That(scene.ServerThread.Request.DeadlineNs, Is.EqualTo(deadline));
        scene.Bench.Advance(6_000_000);
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Status, Is.EqualTo(Status.TimedOut));
    }

    [Test]
    public void Nested_call_for_a_caller_that_is_gone_is_not_made()
    {
        scene.BeginCall();
        ulong reply = scene.Take();
        ProcessDeath.Kill(scene.Bench.Kernel, scene.Client, DeathCause.Killed);
        CallResult result = scene.Bench.Do(
            scene.ServerThread, SystemCall.Call, driverDoor, new MessageInfo(9).Value, 0, 0, reply);
        Assert.That(
            result, Is.EqualTo(new CallResult(Status.CallerGone, (byte)Outcome.NotExecuted)));
    }

    [Test]
    public void Server_that_waits_in_a_nested_call_is_not_the_hung_one()
    {
        scene.BeginCall();
        ulong reply = scene.Take();
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.Call, driverDoor, new MessageInfo(9).Value, 0, 0, reply);
        scene.KillServer(DeathCause.Hung);
        Assert.That(scene.ClientThread.Request.Faults, Is.Zero);
        scene.Audit();
    }
}

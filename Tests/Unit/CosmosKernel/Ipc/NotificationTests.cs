// Sticky bits, and the thread that Receive gives them to.

using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class NotificationTests
{
    [Test]
    public void Bits_stick_until_received_and_are_cleared_then()
    {
        IpcScene scene = new();
        ulong bell = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        scene.Bench.Do(scene.Client, SystemCall.NotificationBind, bell);
        scene.Bench.Do(scene.Client, SystemCall.NotificationSignal, bell, 1);
        scene.Bench.Do(scene.Client, SystemCall.NotificationSignal, bell, 4);
        Assert.That(
            scene.Bench.Do(scene.Client, SystemCall.Receive).Kind,
            Is.EqualTo(ReceiveKind.Notification));
        Assert.That(scene.ClientThread.Frame->A5, Is.EqualTo(5));
        Assert.That(
            scene.Bench.Do(scene.Client, SystemCall.Receive, 0, 0, 1).Status,
            Is.EqualTo(Status.TimedOut));
    }

    [Test]
    public void Signal_wakes_a_server_that_waits_for_calls()
    {
        IpcScene scene = new();
        ulong bell = scene.Bench.Make(scene.Server, SystemCall.NotificationCreate);
        scene.Bench.Do(scene.Server, SystemCall.NotificationBind, bell);
        ulong given = scene.Bench.Give(scene.Server, bell, scene.Keeper);
        scene.BeginReceive();
        scene.Bench.Do(scene.Keeper, SystemCall.NotificationSignal, given, 2);
        Assert.That(
            scene.Bench.Result(scene.ServerThread).Kind, Is.EqualTo(ReceiveKind.Notification));
        scene.Audit();
    }

    [Test]
    public void Notification_of_a_dead_process_can_be_bound_by_the_next()
    {
        IpcScene scene = new();
        ulong bell = scene.Bench.Make(scene.Keeper, SystemCall.NotificationCreate);
        ulong first = scene.Bench.Give(scene.Keeper, bell, scene.Server);
        scene.Bench.Do(scene.Server, SystemCall.NotificationBind, first);
        Process next = scene.Restart(out _);
        ulong second = scene.Bench.Give(scene.Keeper, bell, next);
        Assert.That(
            scene.Bench.Do(next, SystemCall.NotificationBind, second).Status,
            Is.EqualTo(Status.AlreadyExists));
        scene.KillServer();
        Assert.That(
            scene.Bench.Do(next, SystemCall.NotificationBind, second).Status,
            Is.EqualTo(Status.Ok));
        scene.Audit();
    }

    [Test]
    public void Death_is_signalled_with_the_makers_bits()
    {
        IpcScene scene = new();
        ulong bell = scene.Bench.Make(scene.Keeper, SystemCall.NotificationCreate);
        scene.Bench.Do(scene.Keeper, SystemCall.NotificationBind, bell);
        scene.Bench.Do(scene.Keeper, SystemCall.DescribeHandle, bell);
        var notification = scene.Bench.Kernel.Notifications[
            (int)scene.Keeper.MainThread!.Frame->A3];
        scene.Bench.Kernel.Notifications.AddReference(notification);
        scene.Server.DeathNotification = notification;
        scene.Server.DeathBits = 8;
        scene.Bench.Begin(scene.Keeper.MainThread!, SystemCall.Receive);
        scene.KillServer();
        Assert.That(scene.Keeper.MainThread!.Frame->A5, Is.EqualTo(8));
        scene.Audit();
    }
}

// The trace: each event once and in order, and nothing while it is off.

using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Diagnostics;

public sealed unsafe class TraceTests
{
    [Test]
    public void Trace_that_is_off_has_nothing()
    {
        IpcScene scene = new();
        Answer(scene);
        Assert.That(Rows(scene), Is.Empty);
    }

    [Test]
    public void Call_delivery_and_answer_are_told_in_order_of_short_calls_too()
    {
        IpcScene scene = new();
        scene.Bench.Kernel.SwitchTrace(isOn: true);
        scene.BeginReceive();
        scene.BeginCall(MessageFlags.Short);
        ulong reply = scene.ServerThread.Frame->A0;
        scene.Bench.Begin(
            scene.ServerThread, SystemCall.ReplyReceive, reply, 0, scene.Endpoint);
        Assert.That(scene.Bench.Result(scene.ClientThread).Status, Is.EqualTo(Status.Ok));
        List<TraceRow> rows = Messages(scene);
        Assert.That(rows.Select(row => row.Kind), Is.EqualTo((TraceKind[])
            [TraceKind.Call, TraceKind.Deliver, TraceKind.Reply]));
        Assert.That(rows.Select(row => row.Rest.RequestId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(rows[0].Process, Is.EqualTo(scene.Client.Id.Value));
        Assert.That(rows[1].Rest.Peer, Is.EqualTo(scene.Client.Id.Value));
        Assert.That(Rows(scene).Any(row => row.Kind == TraceKind.Ran), Is.True);
    }

    [Test]
    public void Death_is_told_with_its_cause_and_name_and_the_call_comes_again()
    {
        IpcScene scene = new();
        scene.Bench.Kernel.SwitchTrace(isOn: true);
        scene.BeginReceive();
        scene.BeginCall();
        scene.KillServer();
        Process next = scene.Restart(out ulong endpoint);
        scene.Take(next.MainThread!, endpoint);
        TraceRow[] deliveries = [.. Rows(scene).Where(row => row.Kind == TraceKind.Deliver)];
        Assert.That(deliveries.Select(row => row.Detail), Is.EqualTo(new byte[] { 1, 2 }));
        TraceRow death = Rows(scene).Single(row => row.Kind == TraceKind.Death);
        Assert.That(death.Detail, Is.EqualTo((byte)DeathCause.Killed));
        TraceRow name = Rows(scene).Single(row => row.Kind == TraceKind.Name);
        ReadOnlySpan<byte> text = name.Rest.Text;
        Assert.That(text.StartsWith("server"u8), Is.True);
    }

    [Test]
    public void Oldest_rows_make_room_and_off_keeps_the_rest()
    {
        IpcScene scene = new();
        scene.Bench.Kernel.SwitchTrace(isOn: true);
        for (int count = 0; count < 200; count++) Answer(scene);
        scene.Bench.Kernel.SwitchTrace(isOn: false);
        int capacity = scene.Bench.Kernel.Config.TraceRows;
        List<TraceRow> rows = Rows(scene);
        Assert.That(rows, Has.Count.EqualTo(capacity));
        Assert.That(rows.Select(row => row.TimeNs), Is.Ordered);
        scene.Bench.Kernel.SwitchTrace(isOn: true);
        Assert.That(Rows(scene), Is.Empty);
    }

    static void Answer(IpcScene scene)
    {
        scene.BeginReceive();
        scene.BeginCall();
        scene.Reply(scene.ServerThread, scene.ServerThread.Frame->A0);
    }

    static List<TraceRow> Rows(IpcScene scene)
    {
        List<TraceRow> rows = [];
        var trace = scene.Bench.Kernel.Trace;
        for (ulong number = trace.First; number < trace.End; number++) rows.Add(trace[number]);
        return rows;
    }

    static List<TraceRow> Messages(IpcScene scene) => [.. Rows(scene).Where(row =>
        row.Kind is TraceKind.Call or TraceKind.Deliver or TraceKind.Reply or TraceKind.End)];
}

// The table of stretches: from trap to resume, by what the kernel was entered for.

using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Arch;
using CosmosKernel.Diagnostics.Timing;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Diagnostics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class StretchTests
{
    private const ulong SlowNs = 5_000;

    private readonly KernelBench _bench = new();

    /// <summary>Traps as it is told, for the clock or a page.</summary>
    private sealed class Asker(SimulatedMachine machine, Func<TrapKind> next) : UserCode
    {
        public override TrapKind Run(Thread thread)
        {
            thread.Frame->Rax = (ulong)SystemCall.ClockNow;
            thread.Frame->Vector = 14;
            machine.StepNs = 0;
            return next();
        }
    }

    [Test]
    public void Longest_stretch_is_kept_by_kind()
    {
        Queue<(TrapKind Kind, ulong StretchNs)> traps = new(
        [
            (TrapKind.SystemCall, SlowNs), (TrapKind.SystemCall, SlowNs / 2),
            (TrapKind.Interrupt, 7), (TrapKind.SystemCall, 9),
        ]);
        Process process = _bench.NewProcess("asker", Layer.Program);
        ulong stretchNs = 0;
        _bench.Machine.SetCode(process.MainThread!, new Asker(_bench.Machine, () =>
        {
            (TrapKind kind, stretchNs) = traps.Dequeue();
            return kind;
        }));
        _bench.Kernel.Scheduler.MakeReady(process.MainThread!);
        _bench.Kernel.Stretches.Switch(isOn: true);
        while (traps.Count > 0)
        {
            _bench.Machine.NowNs += stretchNs;
            _bench.Kernel.RunTimed();
        }

        StretchRow call = Row(StretchKind.Call, (uint)SystemCall.ClockNow);
        Assert.That(call.Count, Is.EqualTo(2));
        Assert.That(call.LongestTicks, Is.EqualTo(SlowNs));
        Assert.That(call.TotalTicks, Is.EqualTo(SlowNs + SlowNs / 2));
        Assert.That(Row(StretchKind.Interrupt, 0).LongestTicks, Is.EqualTo(7));
    }

    [Test]
    public void Halt_is_no_stretch_and_what_follows_it_is()
    {
        Process sleeper = _bench.NewProcess("sleeper", Layer.Program);
        _bench.Kernel.Stretches.Switch(isOn: true);
        _bench.Begin(
            sleeper.MainThread!, SystemCall.Receive, 0, 0, _bench.Machine.NowNs + 50_000);
        _bench.Machine.SkipsIdleTime = true;
        _bench.Kernel.RunTimed();
        _bench.Kernel.RunTimed();
        _bench.Kernel.RunTimed();
        StretchRow idle = Row(StretchKind.Idle, 0);
        Assert.That(idle.Count, Is.EqualTo(1));
        Assert.That(idle.LongestTicks, Is.LessThan(50_000));
    }

    [Test]
    public void Rows_are_read_by_who_may_inspect_the_machine_and_by_nobody_else()
    {
        Process reader = _bench.NewProcess("reader", Layer.Program);
        ulong machine = _bench.Grant(reader, ObjectType.Machine, rights: Rights.Inspect);
        ulong weak = _bench.Grant(reader, ObjectType.Machine, rights: Rights.Create);
        Assert.That(Switch(reader, weak, 1), Is.EqualTo(Status.NoRight));
        Assert.That(_bench.Kernel.Stretches.IsOn, Is.False);
        Assert.That(Switch(reader, machine, 2), Is.EqualTo(Status.BadArgument));
        Assert.That(Switch(reader, machine, 1), Is.EqualTo(Status.Ok));
        Assert.That(_bench.Kernel.Stretches.IsOn, Is.True);
        Assert.That(Switch(reader, machine, 0), Is.EqualTo(Status.Ok));
        Assert.That(_bench.Kernel.Stretches.IsOn, Is.False);
    }

    [Test]
    public void Switched_on_again_it_is_empty()
    {
        Longest_stretch_is_kept_by_kind();
        _bench.Kernel.Stretches.Switch(isOn: true);
        Assert.That(Rows().Sum(row => (long)row.Count), Is.Zero);
    }

    /// <summary>Whatever number ring 3 passes, there is a row for it.</summary>
    [TestCase(0UL), TestCase(511UL), TestCase(512UL), TestCase(0xFFFUL), TestCase(0x1000UL)]
    [TestCase(0x107FUL), TestCase(0x1080UL), TestCase(ulong.MaxValue)]
    public void Every_number_has_a_row(ulong number)
    {
        Process process = _bench.NewProcess("caller", Layer.Program);
        process.MainThread!.Frame->Rax = number;
        StretchTable table = _bench.Kernel.Stretches;
        table.Switch(isOn: true);
        table.Begin(new Trap(TrapKind.SystemCall, process.MainThread!), 10);
        table.End(14);
        StretchRow row = Rows().Single(row => row.Count > 0);
        Assert.That(row.LongestTicks, Is.EqualTo(4));
        Assert.That(row.Kind, Is.AnyOf(StretchKind.Call, StretchKind.Other));
        if (row.Kind == StretchKind.Call) Assert.That(row.Number, Is.EqualTo(number));
    }

    private Status Switch(Process process, ulong handle, ulong wanted) =>
        _bench.Do(process, SystemCall.Stretches, handle, wanted).Status;

    private IEnumerable<StretchRow> Rows()
    {
        for (int index = 0; index < StretchTable.Capacity; index++)
            yield return _bench.Kernel.Stretches[index];
    }

    private StretchRow Row(StretchKind kind, uint number) =>
        Rows().Single(row => row.Kind == kind && row.Number == number);
}

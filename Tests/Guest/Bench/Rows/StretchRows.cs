// How long the kernel keeps the processor: a load that does everything once, and the table that
// the kernel has kept meanwhile.
//
// Rules: the two rows are one figure each, of which the kernel's own numbers are below, a line a
// kind, the longest first. The figure of the stretches is made of the longest of each kind.

using System;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class StretchRows(TaskContext task, ByteStreamWriter output)
{
    private const int MaxRows = 1024, SettleMs = 5, MaxTries = 1000;

    private readonly Handle _machine = task.Claim("machine");
    private readonly StretchRow[] _rows = new StretchRow[MaxRows];

    /// <summary>All of it.</summary>
    public void Run()
    {
        Begin();
        new StretchLoad(task, _machine).Run();
        Report();
        End();
    }

    /// <summary>From now on, until End, whatever is typed at the prompt.</summary>
    public void Begin()
    {
        Require(task.Kernel.SwitchStretches(_machine, StretchSwitch.On), "stretches");
        for (int tries = 0; tries < MaxTries; tries++)
        {
            Thread.Sleep(SettleMs);
            if (Rows().Length > 0) return;
        }
        throw new BenchException("the machine is never idle");
    }

    public void End() =>
        Require(task.Kernel.SwitchStretches(_machine, StretchSwitch.Off), "stretches");

    /// <summary>What has been counted since Begin.</summary>
    public void Report()
    {
        StretchRow[] rows = Rows();
        if (rows.Length == 0) throw new BenchException("nothing was counted");
        Distribution longest = new(), collections = new();
        foreach (StretchRow row in rows) longest.Add(NsOf(row.LongestTicks));
        collections.Add(Counters().KernelCollections);
        output.WriteLine(longest.Line("longest stretch in the kernel"));
        output.WriteLine(collections.Line("garbage collections of the kernel"));
        foreach (StretchRow row in rows.OrderByDescending(row => row.LongestTicks))
        {
            output.WriteLine($"  {NameOf(row)}: {row.Count} times, longest "
                + $"{NsOf(row.LongestTicks)}, mean {NsOf(row.TotalTicks / row.Count)}");
        }
    }

    private StretchRow[] Rows()
    {
        Result<int> read = task.Kernel.InspectAll<StretchRow>(
            _machine, InspectKind.Stretches, _rows);
        Require(read.Status, "stretches");
        return _rows[..read.Value];
    }

    private KernelCounters Counters()
    {
        KernelCounters[] counters = new KernelCounters[1];
        Require(task.Kernel.Inspect<KernelCounters>(
            _machine, InspectKind.Counters, 0, counters).Status, "counters");
        return counters[0];
    }

    private ulong NsOf(ulong ticks)
    {
        Registers registers = new(SystemCall.ClockNow);
        Require(task.Kernel.Invoke(ref registers).Status, "clock");
        return (ulong)((UInt128)ticks * registers.A2 >> 32);
    }

    private static string NameOf(StretchRow row) => row.Kind switch
    {
        StretchKind.Call when row.Number < (uint)SystemCall.First => $"linux {row.Number}",
        // SystemCall.First, a bound, has the same number.
        StretchKind.Call when row.Number == (uint)SystemCall.Call => nameof(SystemCall.Call),
        StretchKind.Call => $"{(SystemCall)row.Number}",
        StretchKind.Fault => $"fault {row.Number}",
        StretchKind.Interrupt => "interrupt",
        StretchKind.Idle => "idle",
        _ => "unknown number",
    };

    private static void Require(Status status, string what) => BenchMount.Require(status, what);
}

/// <summary>Where nobody looks at what is written.</summary>
internal sealed class Nowhere : IByteStream
{
    public Result<uint> Read(Span<byte> target) => Status.EndOfStream;
    public Status Write(ReadOnlySpan<byte> source) => Status.Ok;
}

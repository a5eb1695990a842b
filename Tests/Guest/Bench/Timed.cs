// One operation, many times: each is timed by itself, less what reading the clock costs.

using System;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal sealed class Timed(
    TaskContext task, BenchOptions options, ByteStreamWriter output)
{
    private const int ClockReadings = 200;
    private ulong _clockNs;

    /// <summary>Prints a line for the operation; a tenth of the count warms it up.</summary>
    public void Run(string name, int count, Action operation)
    {
        if (options.Row is { } row && row != name) return;
        // A part of a small count is none.
        count = Math.Max(1, count);
        for (int i = 0; i < count / 10 + 1; i++) operation();
        Distribution times = new();
        for (int i = 0; i < count; i++)
        {
            ulong before = task.NowNs;
            operation();
            times.Add(WithoutClock(task.NowNs - before));
        }
        output.WriteLine(times.Line(name));
    }

    /// <summary>
    /// Prints a line of what the operation answers: from one reading of the clock to the next, in
    /// which the row happened so many times.
    /// </summary>
    public void RunPart(string name, int count, Func<ulong> operation, uint times = 1)
    {
        if (options.Row is { } row && row != name) return;
        // A part of a small count is none.
        count = Math.Max(1, count);
        for (int i = 0; i < count / 10 + 1; i++) operation();
        Distribution each = new();
        for (int i = 0; i < count; i++) each.Add(WithoutClock(operation()) / times);
        output.WriteLine(each.Line(name));
    }

    private ulong WithoutClock(ulong tookNs)
    {
        if (_clockNs == 0) _clockNs = ClockCost();
        return tookNs > _clockNs ? tookNs - _clockNs : 0;
    }

    private ulong ClockCost()
    {
        Distribution times = new();
        for (int i = 0; i < ClockReadings; i++)
        {
            ulong before = task.NowNs;
            times.Add(task.NowNs - before);
        }
        return times.Median;
    }
}

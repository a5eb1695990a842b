// One operation, many times: each is timed by itself, and what reading the clock costs is taken off.

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
        if (_clockNs == 0) _clockNs = ClockCost();
        for (int i = 0; i < count / 10 + 1; i++) operation();
        Distribution times = new();
        for (int i = 0; i < count; i++)
        {
            ulong before = task.NowNs;
            operation();
            ulong took = task.NowNs - before;
            times.Add(took > _clockNs ? took - _clockNs : 0);
        }
        output.WriteLine(times.Line(name));
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

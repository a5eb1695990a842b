// One operation, many times: each is timed by itself, less what reading the clock costs.
//
// Rules: prints what Tests/Guest/Bench/Distribution.cs prints. A tick is a nanosecond, which is an
// instruction under -icount.

using System;
using System.Diagnostics;

namespace Tests.Guest.BenchIo;

internal sealed class Stopwatches(string? row)
{
    private const int ClockReadings = 200;
    private readonly long _clockNs = Median(Measure(ClockReadings, static () => { }, 0));

    /// <summary>Prints a line for the operation; a tenth of the count warms it up.</summary>
    public void Run(string name, int count, Action operation)
    {
        if (row is not null && row != name) return;
        for (int i = 0; i < count / 10 + 1; i++) operation();
        long[] times = Measure(count, operation, _clockNs);
        Console.WriteLine(
            $"System.IO {name}: count {count} median {At(times, 50)} p90 {At(times, 90)} "
            + $"p99 {At(times, 99)} max {At(times, 100)}");
    }

    /// <summary>Ascending.</summary>
    private static long[] Measure(int count, Action operation, long clockNs)
    {
        long[] times = new long[count];
        for (int i = 0; i < count; i++)
        {
            long before = Stopwatch.GetTimestamp();
            operation();
            times[i] = Math.Max(0, Stopwatch.GetTimestamp() - before - clockNs);
        }
        Array.Sort(times);
        return times;
    }

    private static long Median(long[] times) => At(times, 50);

    private static long At(long[] times, int percent) =>
        times[Math.Max(0, (times.Length * percent + 99) / 100 - 1)];
}

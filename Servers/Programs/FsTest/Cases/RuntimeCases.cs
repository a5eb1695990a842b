// What programs use beside files: time, threads, the process itself.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Servers.Programs.FsTest.Cases;

internal static class RuntimeCases
{
    public static IEnumerable<Case> All() =>
    [
        new("clock", _ => Clock()), new("tasks", _ => Tasks().GetAwaiter().GetResult()),
        new("timers", _ => Timers().GetAwaiter().GetResult()), new("process", _ => Self()),
        new("environment", _ => Variables()), new("faults", _ => Faults()),
    ];

    private static void Clock()
    {
        Stopwatch watch = Stopwatch.StartNew();
        Thread.Sleep(30);
        Check.That(watch.ElapsedMilliseconds is >= 29 and < 5_000);
        Check.That(DateTime.UtcNow.Year >= 2024);
        Check.Equal(TimeZoneInfo.ConvertTimeToUtc(DateTime.UtcNow).Kind, DateTimeKind.Utc);
    }

    private static async Task Tasks()
    {
        int[] results = await Task.WhenAll(
            Task.Run(() => 1), Task.Run(() => 2), Task.Delay(10).ContinueWith(_ => 3));
        Check.Equal(results[0] + results[1] + results[2], 6);
        long sum = 0;
        Parallel.For(0, 100, i => Interlocked.Add(ref sum, i));
        Check.Equal(sum, 4950L);
    }

    private static async Task Timers()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        for (int i = 0; i < 3; i++) Check.That(await timer.WaitForNextTickAsync());
        using ManualResetEventSlim rung = new();
        using Timer once = new(_ => rung.Set(), null, 5, Timeout.Infinite);
        Check.That(rung.Wait(5_000));
        using CancellationTokenSource source = new(5);
        bool isCancelled = false;
        try
        {
            await Task.Delay(10_000, source.Token);
        }
        catch (TaskCanceledException)
        {
            isCancelled = true;
        }
        Check.That(isCancelled);
    }

    private static void Self()
    {
        using Process process = Process.GetCurrentProcess();
        Check.Equal(process.Id, Environment.ProcessId);
        Check.That(process.ProcessName.Length > 0);
        Check.That(process.WorkingSet64 > 0);
        Check.That(process.TotalProcessorTime >= TimeSpan.Zero);
        Check.That(process.StartTime <= DateTime.Now.AddSeconds(2));
        Check.That(!process.HasExited);
    }

    private static void Variables()
    {
        Environment.SetEnvironmentVariable("FSTEST", "value");
        Check.Equal(Environment.GetEnvironmentVariable("FSTEST"), "value");
        Check.That(Environment.GetEnvironmentVariable("FSTEST_NOT") is null);
        Check.That(Environment.ProcessorCount >= 1 && Environment.MachineName.Length > 0);
        Check.That(Environment.OSVersion.Platform == PlatformID.Unix);
    }

    private static void Faults()
    {
        int zero = Environment.TickCount64 == 0 ? 1 : 0;
        Check.Throws<DivideByZeroException>(() => Check.Equal(1 / zero, 0));
        string? nothing = zero == 0 ? null : "";
        Check.Throws<NullReferenceException>(() => Check.Equal(nothing!.Length, 0));
    }
}

// From the start of QEMU to the first prompt.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class Boot
{
    private const int Runs = 5;

    public static void Run()
    {
        QemuOptions counted = new() { Clock = GuestClock.Instructions };
        using (QemuMachine machine = QemuMachine.Start(counted))
        {
            machine.WaitForPrompt();
            Console.WriteLine($"boot to prompt, in instructions: {machine.Send("uptime")}");
        }
        List<double> seconds = [];
        for (int run = 0; run < Runs; run++)
        {
            using QemuMachine machine = ToPrompt(new QemuOptions(), out TimeSpan took);
            seconds.Add(took.TotalSeconds);
        }
        seconds.Sort();
        Console.WriteLine($"boot to prompt, {Runs} runs: median {seconds[Runs / 2]:F2} s, "
            + $"{seconds[0]:F2} to {seconds[^1]:F2} s");
    }

    /// <summary>A machine at its prompt, and how long that took from the start of QEMU.</summary>
    public static QemuMachine ToPrompt(QemuOptions options, out TimeSpan took)
    {
        long start = Stopwatch.GetTimestamp();
        QemuMachine machine = QemuMachine.Start(options);
        machine.WaitForPrompt();
        took = Stopwatch.GetElapsedTime(start);
        return machine;
    }
}

// What the system costs: `dotnet run build.cs bench`. Prints one figure a line.
//
// Instructions are the same in every run; times depend on this machine and what else it does.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class Program
{
    private const int BootRuns = 5;
    private static readonly QemuOptions _counted = new() { Clock = GuestClock.Instructions };

    private static void Main()
    {
        NullCall();
        Recovery();
        BootTime();
    }

    /// <summary>In nanoseconds of the guest, which are instructions here.</summary>
    private static void NullCall()
    {
        using QemuMachine machine =
            QemuMachine.Start(_counted with { KernelArguments = "first=ping" });
        machine.WaitForExit(TimeSpan.FromMinutes(1));
        Console.WriteLine(Line(machine.Transcript, "null call"));
    }

    private static void Recovery()
    {
        using QemuMachine machine = QemuMachine.Start(_counted);
        machine.WaitForPrompt();
        Console.WriteLine($"boot to prompt, in instructions: {machine.Send("uptime")}");
        machine.Send("mount -t memfs none /mnt");
        machine.Send("kill memfs@/mnt");
        machine.Send("ls /mnt");
        Console.WriteLine("death to next receive, in instructions (ms are millions): "
            + Line(machine.Send("servers memfs@/mnt"), "recovered"));
    }

    private static void BootTime()
    {
        List<double> seconds = [];
        for (int run = 0; run < BootRuns; run++)
        {
            long start = Stopwatch.GetTimestamp();
            using QemuMachine machine = QemuMachine.Start(new QemuOptions());
            machine.WaitForPrompt();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        seconds.Sort();
        Console.WriteLine($"boot to prompt, {BootRuns} runs: median {seconds[BootRuns / 2]:F2} s, "
            + $"{seconds[0]:F2} to {seconds[^1]:F2} s");
    }

    private static string Line(string text, string part)
    {
        string? found = text.Split('\n').FirstOrDefault(
            line => line.Contains(part, StringComparison.Ordinal));
        return found?.Trim() ?? $"no line with '{part}' in: {text}";
    }
}

// From the death of a file server with a thousand files to the next right answer on a handle that
// was open, the stall of an upgrade, and what deaths cost the rest: Tests/Guest/Bench measures.

using System;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class Recovery
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    public static void Run()
    {
        Console.WriteLine("in instructions:");
        Measure(
            GuestClock.Instructions, "recovery --kills 500", "recovery --no-spare --kills 100",
            "upgrade --kills 10", "rates --seconds 1");
        Console.WriteLine("in nanoseconds of wall time:");
        Measure(
            GuestClock.Host, "recovery --kills 500", "recovery --no-spare --kills 100",
            "upgrade --kills 10", "rates --seconds 5");
    }

    private static void Measure(GuestClock clock, params string[] measurements)
    {
        using QemuMachine machine = QemuMachine.Start(new QemuOptions { Clock = clock });
        machine.WaitForPrompt();
        foreach (string one in measurements)
        {
            Console.WriteLine(machine.Send($"run bench {one}", s_limit));
        }
    }
}

// A call between two tasks with nothing in it, in instructions.

using System;
using Tests.Benchmarks.Figures;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal static class Calls
{
    private const string Mark = "caller: ";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>What a call costs among many tasks, and with many handles.</summary>
    public static void AddTo(FigureSet figures)
    {
        using QemuMachine machine = QemuMachine.Start(QemuOptions.TwoTasks);
        machine.WaitForExit(s_limit);
        // In front of each line of the log are its time and who has written it.
        foreach (string line in machine.Transcript.Split('\n'))
            figures.AddText(line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);
    }

    public static void Run()
    {
        using QemuMachine machine = QemuMachine.Start(QemuOptions.TwoTasks);
        machine.WaitForExit(s_limit);
        Console.WriteLine($"{GuestText.Line(machine.Transcript, "null call")} "
            + "(nanoseconds of the guest: instructions)");
    }
}

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
        AddLog(figures, machine.Transcript);
    }

    /// <summary>In front of each line are its time and who has written it.</summary>
    internal static void AddLog(FigureSet figures, string transcript)
    {
        foreach (string line in transcript.Split('\n'))
        {
            int mark = line.IndexOf(Mark, StringComparison.Ordinal);
            if (mark >= 0) figures.AddText(line[(mark + Mark.Length)..]);
        }
    }

    public static void Run()
    {
        using QemuMachine machine = QemuMachine.Start(QemuOptions.TwoTasks);
        machine.WaitForExit(s_limit);
        Console.WriteLine($"{GuestText.Line(machine.Transcript, "null call")} "
            + "(nanoseconds of the guest: instructions)");
    }
}

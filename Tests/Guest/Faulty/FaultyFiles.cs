// What is in the only directory: a name, and what reading it does.

using System.Collections.Generic;
using Shared.Abi;

namespace Tests.Guest.Faulty;

internal enum Habit
{
    /// <summary>Answers at once.</summary>
    Fine,
    /// <summary>Commits the fault.</summary>
    Fault,
    /// <summary>Computes for long, gives one byte, and so on.</summary>
    Slow,
    /// <summary>One long request, with many short calls to the console.</summary>
    Steps,
    /// <summary>One call to the console.</summary>
    Above,
    /// <summary>May be written: the bytes are fetched and forgotten.</summary>
    Sink,
}

internal readonly record struct FaultyFile(string Name, Habit Habit, ControlBits Fault = 0);

internal static class FaultyFiles
{
    public static readonly IReadOnlyList<FaultyFile> All =
    [
        new("fine", Habit.Fine),
        new("null", Habit.Fault, ControlBits.CrashNull),
        new("divide", Habit.Fault, ControlBits.CrashDivide),
        new("throw", Habit.Fault, ControlBits.CrashThrow),
        new("stack", Habit.Fault, ControlBits.CrashStack),
        new("loop", Habit.Fault, ControlBits.CrashLoop),
        new("memory", Habit.Fault, ControlBits.CrashMemory),
        new("exit", Habit.Fault, ControlBits.CrashExit),
        new("hang", Habit.Fault, ControlBits.Hang),
        new("slow", Habit.Slow),
        new("steps", Habit.Steps),
        new("above", Habit.Above),
        new("sink", Habit.Sink),
    ];

    /// <summary>Index, or -1.</summary>
    public static int Find(string name)
    {
        for (int index = 0; index < All.Count; index++)
        {
            if (All[index].Name == name) return index;
        }
        return -1;
    }
}

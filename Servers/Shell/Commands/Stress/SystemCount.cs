// What the kernel has in use, to be compared before and after.
//
// Rules: the heaps of living tasks may grow until their next collection, so of the frames only
// those count that belong to no task. All else must come back to what it was.

using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class SystemCount(KernelCounters counters, ulong framesOfTasks)
{
    public ulong Deaths => counters.Deaths;
    public bool IsReclaiming => counters.ReclaimPending != 0;

    private ulong Frames => counters.TotalFrames - counters.FreeFrames;
    /// <summary>Negative where tasks are charged for memory that nobody has touched yet.</summary>
    private long FramesOfNobody => (long)Frames - (long)framesOfTasks;

    public static Result<SystemCount> Take(Inspector inspector)
    {
        Result<IReadOnlyList<ProcessInfo>> processes = inspector.Processes();
        if (!processes.IsOk) return processes.Status;
        Result<KernelCounters> counters = inspector.Counters();
        if (!counters.IsOk) return counters.Status;
        ulong frames = 0;
        foreach (ProcessInfo process in processes.Value) frames += process.Row.MemoryPages;
        return new SystemCount(counters.Value, frames);
    }

    public override string ToString() =>
        $"frames {Frames} ({FramesOfNobody} of no task) handles {counters.Capabilities} "
        + $"processes {counters.Processes} threads {counters.Threads}";

    /// <summary>What is more than it was, each as "NAME BEFORE -> AFTER".</summary>
    public IReadOnlyList<string> MoreThan(SystemCount before)
    {
        (string Name, long Before, long After)[] rows = [.. before.Rows.Zip(
            Rows, static (old, now) => (old.Name, old.Value, now.Value))];
        return [.. rows.Where(static row => row.After > row.Before)
            .Select(static row => $"{row.Name} {row.Before} -> {row.After}")];
    }

    private (string Name, long Value)[] Rows =>
    [
        ("processes", (long)counters.Processes), ("threads", (long)counters.Threads),
        ("handles", (long)counters.Capabilities - (long)counters.Templates),
        ("endpoints", (long)counters.Endpoints), ("notifications", (long)counters.Notifications),
        ("memory objects", (long)counters.MemoryObjects), ("vaults", (long)counters.Vaults),
        ("replies", (long)counters.Replies),
        ("kernel collections", (long)counters.KernelCollections),
        ("frames of no task", FramesOfNobody),
    ];
}

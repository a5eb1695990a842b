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
    private ulong FramesOfNobody => Frames - framesOfTasks;

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
        (string Name, ulong Before, ulong After)[] rows = [.. before.Rows.Zip(
            Rows, static (old, now) => (old.Name, old.Value, now.Value))];
        return [.. rows.Where(static row => row.After > row.Before)
            .Select(static row => $"{row.Name} {row.Before} -> {row.After}")];
    }

    private (string Name, ulong Value)[] Rows =>
    [
        ("processes", counters.Processes), ("threads", counters.Threads),
        ("handles", counters.Capabilities - counters.Templates), ("endpoints", counters.Endpoints),
        ("notifications", counters.Notifications), ("memory objects", counters.MemoryObjects),
        ("vaults", counters.Vaults), ("replies", counters.Replies),
        ("kernel collections", counters.KernelCollections),
        ("frames of no task", FramesOfNobody),
    ];
}

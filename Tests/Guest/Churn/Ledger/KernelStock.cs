// What the kernel has at one moment, and what of it there is too much of.

using System.Collections.Generic;
using System.Linq;
using Shared.Abi;

namespace Tests.Guest.Churn.Ledger;

/// <summary>The sizes of its tables, and the frames that are charged to living tasks.</summary>
internal readonly record struct KernelStock(KernelCounters Counters, ulong FramesOfTasks)
{
    /// <summary>
    /// The living tasks' own heaps may grow until their next collection; what is charged to nobody
    /// may not.
    /// </summary>
    public ulong FramesOfNobody => Counters.TotalFrames - Counters.FreeFrames - FramesOfTasks;

    /// <summary>"" when nothing is more than it was.</summary>
    public string GrownSince(in KernelStock before)
    {
        (KernelCounters first, KernelCounters last) = (before.Counters, Counters);
        (string Name, ulong Before, ulong After)[] rows =
        [
            ("processes", first.Processes, last.Processes),
            ("threads", first.Threads, last.Threads),
            ("capabilities", first.Capabilities - first.Templates,
                last.Capabilities - last.Templates),
            ("endpoints", first.Endpoints, last.Endpoints),
            ("notifications", first.Notifications, last.Notifications),
            ("memory objects", first.MemoryObjects, last.MemoryObjects),
            ("vaults", first.Vaults, last.Vaults),
            ("replies", first.Replies, last.Replies),
            ("kernel collections", first.KernelCollections, last.KernelCollections),
            ("kernel heap", first.KernelHeapBytes, last.KernelHeapBytes),
            ("frames of nobody", before.FramesOfNobody, FramesOfNobody),
        ];
        IEnumerable<string> grown = rows.Where(row => row.After > row.Before)
            .Select(row => $"{row.Name} {row.Before} -> {row.After}");
        return string.Join(", ", grown);
    }
}

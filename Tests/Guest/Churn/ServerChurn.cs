// Mounts, kills, unmounts; then compares what the kernel has with what it had.
//
// The first rounds are not counted: they bring the supervisor's and this task's own heaps to size.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Churn;

internal sealed class ServerChurn(TaskContext task)
{
    private const string Target = "/churn";
    private const int WarmUpRounds = 20, SettleTries = 300, SettleMs = 10;
    private const int MaxRows = Limits.Processes;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));

    public int Run(int count)
    {
        for (int round = 0; round < WarmUpRounds; round++) RunRound(round);
        Settle();
        Snapshot before = Count();
        for (int round = 0; round < count; round++) RunRound(round);
        string difference = Settled(before);
        Snapshot after = Count();
        ulong deaths = after.Counters.Deaths - before.Counters.Deaths;
        task.Log($"churn: {count} servers, {deaths} deaths, frames of no task "
            + $"{before.FramesOfNobody} -> {after.FramesOfNobody}, lost: {difference}");
        return difference == "nothing" && deaths >= (ulong)count ? 0 : 1;
    }

    private void RunRound(int round)
    {
        Check(_supervisor.Mount("none", Target, "memfs", "ondeath=vanish"), "mount");
        if (round % 2 == 0) Check(_supervisor.Unmount(Target).Status, "umount");
        else KillServer();
    }

    /// <summary>With ondeath=vanish the mount goes with its server.</summary>
    private void KillServer()
    {
        Check(_supervisor.Kill("memfs@" + Target), "kill");
        for (int i = 0; i < SettleTries; i++)
        {
            if (_supervisor.Unmount(Target).Status == Status.NotMounted) return;
            Thread.Sleep(1);
        }
        throw new InvalidOperationException("the mount did not vanish");
    }

    private static void Check(Status status, string what)
    {
        if (status != Status.Ok) throw new InvalidOperationException($"{what}: {status}");
    }

    /// <summary>Reclaiming goes on in slices after a death.</summary>
    private void Settle()
    {
        for (int i = 0; i < SettleTries && Count().Counters.ReclaimPending != 0; i++)
            Thread.Sleep(SettleMs);
    }

    private string Settled(Snapshot before)
    {
        string difference = "";
        for (int i = 0; i < SettleTries; i++)
        {
            difference = string.Join(", ", Differences(before, Count()));
            if (difference.Length == 0) return "nothing";
            Thread.Sleep(SettleMs);
        }
        return difference;
    }

    private static IEnumerable<string> Differences(Snapshot first, Snapshot last)
    {
        (KernelCounters before, KernelCounters after) = (first.Counters, last.Counters);
        (string Name, ulong Before, ulong After)[] rows =
        [
            ("processes", before.Processes, after.Processes),
            ("threads", before.Threads, after.Threads),
            ("capabilities", before.Capabilities, after.Capabilities),
            ("endpoints", before.Endpoints, after.Endpoints),
            ("notifications", before.Notifications, after.Notifications),
            ("memory objects", before.MemoryObjects, after.MemoryObjects),
            ("vaults", before.Vaults, after.Vaults),
            ("replies", before.Replies, after.Replies),
            ("kernel collections", before.KernelCollections, after.KernelCollections),
            ("frames of no task", first.FramesOfNobody, last.FramesOfNobody),
        ];
        return rows.Where(row => row.After > row.Before)
            .Select(row => $"{row.Name} {row.Before} -> {row.After}");
    }

    /// <summary>
    /// The living tasks' own heaps may grow until their next collection; what is charged to nobody
    /// may not.
    /// </summary>
    private readonly record struct Snapshot(KernelCounters Counters, ulong FramesOfTasks)
    {
        public ulong FramesOfNobody => Counters.TotalFrames - Counters.FreeFrames - FramesOfTasks;
    }

    private Snapshot Count()
    {
        Handle machine = task.Claim("machine");
        KernelCounters[] counters = new KernelCounters[1];
        ProcessRow[] rows = new ProcessRow[MaxRows];
        int count = 0;
        ulong cursor = 0;
        do
        {
            var page = task.Kernel.Inspect<ProcessRow>(
                machine, InspectKind.Processes, cursor, rows.AsSpan(count)).Value;
            count += page.Count;
            cursor = page.NextCursor;
        }
        while (cursor != 0);
        task.Kernel.Inspect<KernelCounters>(machine, InspectKind.Counters, 0, counters);
        ulong frames = 0;
        foreach (ProcessRow row in rows.AsSpan(0, count)) frames += row.MemoryPages;
        return new Snapshot(counters[0], frames);
    }
}

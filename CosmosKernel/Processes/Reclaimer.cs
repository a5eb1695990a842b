// Frees what marking has left: revoked and closed capabilities, dead processes, unused memory.
//
// Runs when idle, at each tick, whenever a process is started or collected, and at once when a
// table or the frames have run out. A slice is at most SliceSteps steps of about two hundred
// instructions; what costs more counts as several.

namespace CosmosKernel.Processes;

public sealed class Reclaimer(Kernel kernel)
{
    public const int SliceSteps = 80;
    /// <summary>Of the start of a process, and of its collection: more than it leaves.</summary>
    const int SlicesToKeepUp = 3;

    Process? firstProcess, lastProcess;

    /// <summary>Dead processes that still hold something.</summary>
    public int PendingProcesses { get; private set; }

    public bool HasWork => kernel.Capabilities.HasReclaimWork
        || firstProcess is not null || kernel.HasDyingMemory;

    bool IsBehind => PendingProcesses > 1 || kernel.HasDyingMemory;

    public ulong PendingCount => (ulong)(
        PendingProcesses + kernel.Endings.Count + kernel.Capabilities.ReclaimCount);

    /// <summary>It is on the list of those that are to be cleared away.</summary>
    public bool Has(Process process) =>
        process.NextReclaim is not null || process == lastProcess;

    public void Add(Process process)
    {
        process.NextReclaim = null;
        if (lastProcess is null) firstProcess = process;
        else lastProcess.NextReclaim = process;
        lastProcess = process;
        PendingProcesses++;
    }

    /// <summary>One slice.</summary>
    public void RunSlice()
    {
        int budget = SliceSteps;
        while (budget > 0 && HasWork) Step(ref budget);
    }

    /// <summary>
    /// A machine that is never idle would end processes faster than it frees them: who starts or
    /// collects one frees some first. One process may wait for an idle moment: most often it is a
    /// server that has died, and whoever has called it waits too. So may handles that were revoked:
    /// they hold no memory, and each tick frees eighty.
    /// </summary>
    public void KeepUp()
    {
        for (int slice = 0; slice < SlicesToKeepUp && IsBehind; slice++) RunSlice();
    }

    /// <summary>False: there was nothing to do.</summary>
    public bool TryRunSlice()
    {
        if (!HasWork) return false;
        RunSlice();
        return true;
    }

    /// <summary>For a table that is full: until a record of it is free, or nothing is left.
    /// </summary>
    /// <param name="free">The table's own field: not zero when a record is free.</param>
    public void RunUntilFree(in int free)
    {
        while (free == 0 && TryRunSlice())
        {
        }
    }

    public void RunAll()
    {
        while (HasWork) RunSlice();
    }

    public void RunUntilCapabilityIsFree()
    {
        while (HasWork && kernel.Capabilities.FreeCount == 0) RunSlice();
    }

    void Step(ref int budget)
    {
        if (kernel.Frames is { FreeFrames: 0 } && TryFreeMemory(ref budget)) return;
        if (kernel.Capabilities.HasReclaimWork)
        {
            kernel.Capabilities.Reclaim(ref budget);
            return;
        }

        if (firstProcess is { } process)
        {
            StepProcess(process, ref budget);
            return;
        }

        budget--;
        kernel.ReclaimDyingMemory(ref budget);
    }

    /// <summary>
    /// Nobody gets a frame before this: memory comes first, however many handles wait. False: the
    /// dead have none but what handles hold.
    /// </summary>
    bool TryFreeMemory(ref int budget)
    {
        for (Process? dead = firstProcess; dead is not null; dead = dead.NextReclaim)
        {
            if (dead.AddressSpace.Root == 0 || dead.Copies != 0) continue;
            kernel.ReclaimMemoryStep(dead, ref budget);
            return true;
        }

        if (!kernel.HasDyingMemory) return false;
        kernel.ReclaimDyingMemory(ref budget);
        return true;
    }

    void StepProcess(Process process, ref int budget)
    {
        if (process.Handles.First != 0)
        {
            kernel.Capabilities.CloseSome(process.Handles, ref budget);
            return;
        }

        budget--;
        if (process.FirstThread is { } thread)
        {
            kernel.Threads.Free(thread);
            process.ThreadCount--;
            return;
        }

        bool isShown = process.Copies != 0;
        if (!isShown && !kernel.ReclaimMemoryStep(process, ref budget)) return;
        firstProcess = process.NextReclaim;
        if (firstProcess is null) lastProcess = null;
        process.NextReclaim = null;
        PendingProcesses--;
        process.AwaitsCopies = isShown;
        if (isShown) return;
        Snapshot.Leave(kernel, process);
        process.IsReclaimed = true;
        if (process.IsCollected) kernel.Processes.Free(process);
    }
}

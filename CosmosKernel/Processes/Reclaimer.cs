// Frees what marking has left: revoked and closed capabilities, dead processes, unused endpoints.
//
// Runs when idle, at each tick, whenever a process is started or collected, and at once when a
// table or the frames have run out. A slice is at most SliceSteps steps of about two hundred
// instructions; what costs more counts as several.

using CosmosKernel.Capabilities;
using CosmosKernel.Ipc;
using CosmosKernel.Threads;

namespace CosmosKernel.Processes;

public sealed class Reclaimer(Kernel kernel)
{
    public const int SliceSteps = 100;
    /// <summary>What a handle costs, whose badge leaves its endpoint's treap.</summary>
    const int HandleSteps = 4;
    /// <summary>Of the start of a process, and of its collection: more than it leaves.</summary>
    const int SlicesToKeepUp = 3;

    Process? firstProcess, lastProcess;
    Endpoint? firstEndpoint, lastEndpoint;

    /// <summary>Dead processes that still hold something.</summary>
    public int PendingProcesses { get; private set; }
    public int PendingEndpoints { get; private set; }

    public bool HasWork => kernel.Capabilities.HasReclaimWork
        || firstProcess is not null || firstEndpoint is not null || kernel.HasDyingMemory;

    bool IsBehind => PendingProcesses > 1 || kernel.Capabilities.HasReclaimWork
        || firstEndpoint is not null || kernel.HasDyingMemory;

    public ulong PendingCount => (ulong)(
        PendingProcesses + PendingEndpoints + kernel.Capabilities.ReclaimCount);

    /// <summary>It is on the list of those that are to be cleared away.</summary>
    public bool Has(Process process) =>
        process.NextReclaim is not null || process == lastProcess;

    public bool Has(Endpoint endpoint) =>
        endpoint.NextReclaim is not null || endpoint == lastEndpoint;

    public void Add(Process process)
    {
        process.NextReclaim = null;
        if (lastProcess is null) firstProcess = process;
        else lastProcess.NextReclaim = process;
        lastProcess = process;
        PendingProcesses++;
    }

    public void Add(Endpoint endpoint)
    {
        endpoint.NextReclaim = null;
        if (lastEndpoint is null) firstEndpoint = endpoint;
        else lastEndpoint.NextReclaim = endpoint;
        lastEndpoint = endpoint;
        PendingEndpoints++;
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
    /// server that has died, and whoever has called it waits too.
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
        if (!kernel.Capabilities.HasReclaimWork && firstEndpoint is null)
        {
            budget--;
            if (firstProcess is { } process) StepProcess(process, ref budget);
            else kernel.ReclaimDyingMemory(ref budget);
            return;
        }

        budget -= HandleSteps;
        if (kernel.Capabilities.HasReclaimWork) kernel.Capabilities.ReclaimStep();
        else StepEndpoint(firstEndpoint!);
    }

    void StepEndpoint(Endpoint endpoint)
    {
        if (kernel.Badges.RemoveOne(endpoint)) return;
        firstEndpoint = endpoint.NextReclaim;
        if (firstEndpoint is null) lastEndpoint = null;
        endpoint.NextReclaim = null;
        PendingEndpoints--;
        kernel.Endpoints.Free(endpoint);
    }

    void StepProcess(Process process, ref int budget)
    {
        CapabilityTable capabilities = kernel.Capabilities;
        if (process.Handles.First != 0)
        {
            capabilities.Close(process.Handles.First);
            budget -= HandleSteps - 1;
            return;
        }

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

// All processes that the machine can have, made at boot. Ids are never reused; records are.

using CosmosKernel.Capabilities;
using Shared.Abi;
using System;

namespace CosmosKernel.Processes;

public sealed class ProcessTable
{
    readonly Kernel kernel;
    readonly Process[] processes;
    readonly int[] free;
    int freeCount;
    uint lastId;

    public ProcessTable(Kernel kernel, int capacity)
    {
        this.kernel = kernel;
        processes = new Process[capacity];
        free = new int[capacity];
        for (int index = 0; index < capacity; index++)
        {
            Process process = new(index) { Handles = kernel.Capabilities.SpaceOf(index) };
            processes[index] = process;
            free[capacity - 1 - index] = index;
        }

        freeCount = capacity;
    }

    public int Capacity => processes.Length;
    public int Count => processes.Length - freeCount;
    /// <summary>No process from here on has ever been.</summary>
    public int End { get; private set; }
    public Process this[int index] => processes[index];

    /// <summary>
    /// A process in state Created, without memory, threads or capabilities. Quotas, name, priority
    /// and layer are for the caller to set. Null when the table is used up.
    /// </summary>
    public Process? Create(Process? maker)
    {
        kernel.Reclaimer.RunUntilFree(in freeCount);
        if (freeCount == 0) return null;
        Process process = processes[free[--freeCount]];
        if (process.Index >= End) End = process.Index + 1;
        process.Reset(new ProcessId(++lastId), kernel.NowNs, maker);
        return process;
    }

    /// <summary>Undoes Create, or ends a dead process that is reclaimed and collected.</summary>
    public void Free(Process process)
    {
        process.IsUsed = false;
        process.Generation++;
        free[freeCount++] = process.Index;
    }

    /// <summary>The process of that id, dead or alive, or null when it was collected.</summary>
    public Process? FindById(ProcessId id)
    {
        for (int index = 0; index < End; index++)
        {
            Process process = processes[index];
            if (process.IsUsed && !process.IsCollected && process.Id == id) return process;
        }

        return null;
    }

    /// <summary>Of the dead, uncollected processes that this one made, the last to die.</summary>
    public Process? FindDeadChild(Process maker)
    {
        Process? found = null;
        for (int index = 0; index < End; index++)
        {
            Process process = processes[index];
            if (!process.IsUsed || !process.HasEnded || process.IsCollected
                || process.MakerIndex != maker.Index) continue;
            if (found is null || process.Death.TimeNs >= found.Death.TimeNs) found = process;
        }

        return found;
    }

    /// <summary>The exit record has been read: nothing of the process needs to be kept.</summary>
    public void Collect(Process process)
    {
        process.IsCollected = true;
        if (process.IsReclaimed) Free(process);
    }

    /// <summary>
    /// The process has died: what it made can be collected by anybody with the right.
    /// </summary>
    public void ForgetMaker(Process maker)
    {
        for (int index = 0; index < End; index++)
            if (processes[index].MakerIndex == maker.Index) processes[index].MakerIndex = -1;
    }

    /// <summary>The vault's capabilities are the process's from now on.</summary>
    public void AttachVault(Process process, int vaultIndex)
    {
        process.VaultIndex = vaultIndex;
        CapabilitySpace space = kernel.Capabilities.VaultSpace(vaultIndex);
        process.VaultHandles = space;
        process.VaultSpace = space.Number;
    }

    public void DetachVault(Process process)
    {
        process.VaultIndex = -1;
        process.VaultHandles = null;
        process.VaultSpace = Process.NoSpace;
    }
}

// Each frame and each region has its payer: two sums over the small tables, made in one piece.
//
// Who is charged: a process for its page tables, private pages and the vault that it owns; a vault
// without owner for its own; a Memory object for what was touched of it (its payer is charged for
// all of it beforehand).

using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class FrameRules
{
    public static int CheckAll(Kernel kernel, int index, ref AuditReport report)
    {
        long charged = 0;
        int regions = 0;
        for (int number = 0; number < kernel.Processes.End; number++)
        {
            Process process = kernel.Processes[number];
            regions += process.AddressSpace.RegionCount;
            if (process.IsUsed) charged += process.MemoryPages;
        }

        for (int number = 0; number < kernel.MemoryObjects.End; number++)
            charged += Uncharged(kernel.MemoryObjects[number]);
        for (int number = 0; number < kernel.Vaults.End; number++)
        {
            Vault vault = kernel.Vaults[number];
            if (vault.Owner is null) charged += vault.Frames.FrameCount + vault.Undo.FrameCount;
        }

        long used = (long)(kernel.Frames.TotalFrames - kernel.Frames.FreeFrames);
        if (used != charged)
            report.AddLeaked(AuditKind.Frame, 0, 0, (uint)System.Math.Abs(used - charged));
        if (regions != kernel.Regions.UsedCount)
        {
            report.AddLeaked(AuditKind.Mapping, 0, 0,
                (uint)System.Math.Abs(kernel.Regions.UsedCount - regions));
        }

        return Auditor.SliceUnits;
    }

    /// <summary>Its frames, less what its payer's count has of them already.</summary>
    static long Uncharged(MemoryObject held)
    {
        if (held.Kind == MemoryObjectKind.Free) return 0;
        long frames = held.Frames.FrameCount;
        return held.IsCharged ? frames - held.ChargedPages : frames;
    }
}

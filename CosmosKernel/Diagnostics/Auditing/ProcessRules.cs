// What a process that has died may still hold: what the reclaimer takes next, and nothing else.

using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class ProcessRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        Process process = kernel.Processes[index];
        if (process.IsAlive) return 3;
        uint id = process.IsUsed ? process.Id.Value : 0;
        // What is linked both ways is found from the other side.
        if (process.IsUsed && process.FirstServed is { } served && served.Server != process)
            report.AddLeaked(AuditKind.Endpoint, served.Index, id);
        if (process.IsUsed && process.VaultIndex >= 0
            && kernel.Vaults[process.VaultIndex].Owner != process)
        {
            report.AddLeaked(AuditKind.Vault, process.VaultIndex, id);
        }

        if (process.DeathNotification is { } kept && process.IsUsed && !process.IsEnding)
            report.AddLeaked(AuditKind.Notification, kept.Index, id);
        if (process.AddressSpace.Root == 0 && process.AddressSpace.RegionCount == 0) return 6;
        if (process.IsUsed && process.Copies != 0) return 6;
        if (IsReclaiming(kernel, process)) report.AddReclaiming(AuditKind.Mapping);
        else report.AddLeaked(AuditKind.Mapping, index, id);
        return 6;
    }

    /// <summary>It is dead, and its end or the reclaimer has it before it.</summary>
    public static bool IsReclaiming(Kernel kernel, Process process) =>
        process.IsUsed && !process.IsAlive && !process.IsReclaimed
        && (process.IsEnding || kernel.Reclaimer.Has(process));
}

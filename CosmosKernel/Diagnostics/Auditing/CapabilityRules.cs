// Each capability has a living owner, or one that is being cleared away, and an object that is.
//
// A handle for a process or thread that has ended may stay: its generation is old, and it names
// nothing any more.

using CosmosKernel.Capabilities;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class CapabilityRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
        if (record.State == CapabilityState.Free) return 3;
        CheckOwner(kernel, index, record, ref report);
        if (record.Type is ObjectType.None || IsThere(kernel, record)) return 15;
        report.AddLeaked(AuditKind.Handle, index, OwnerId(kernel, record.Space));
        return 15;
    }

    static void CheckOwner(
        Kernel kernel, int index, in CapabilityRecord record, ref AuditReport report)
    {
        int space = record.Space;
        if (space == CapabilityTable.InTransitSpace) return;
        if (space < 0)
        {
            // Closed. Its children are on their way up, or a call in flight goes through it.
            if (record.IsInReclaim) report.AddReclaiming(AuditKind.Handle);
            else if (record.PinCount == 0) report.AddLeaked(AuditKind.Handle, index, 0);
            return;
        }

        if (space >= Limits.Processes)
        {
            CheckVault(kernel.Vaults[space - Limits.Processes], index, ref report);
            return;
        }

        Process owner = kernel.Processes[space];
        if (owner.IsAlive) return;
        if (ProcessRules.IsReclaiming(kernel, owner)) report.AddReclaiming(AuditKind.Owner);
        else report.AddLeaked(AuditKind.Owner, index, OwnerId(kernel, space));
    }

    static void CheckVault(Vault vault, int index, ref AuditReport report)
    {
        if (vault.IsDying) report.AddReclaiming(AuditKind.Owner);
        else if (!vault.IsUsed) report.AddLeaked(AuditKind.Owner, index, 0);
    }

    static bool IsThere(Kernel kernel, in CapabilityRecord record)
    {
        int index = record.ObjectIndex;
        switch (record.Type)
        {
            case ObjectType.Endpoint: return kernel.Endpoints[index].IsUsed;
            case ObjectType.Notification: return kernel.Notifications[index].IsUsed;
            case ObjectType.Vault:
                return kernel.Vaults[index] is { IsUsed: true, IsDying: false };
            case ObjectType.Memory or ObjectType.DeviceMemory:
                return kernel.MemoryObjects[index].Kind
                    is not (MemoryObjectKind.Free or MemoryObjectKind.Dying);
            case ObjectType.Process:
                Process process = kernel.Processes[index];
                return process.Generation != record.ObjectGeneration || process.IsUsed;
            case ObjectType.Thread:
                Thread thread = kernel.Threads[index];
                return thread.Generation != record.ObjectGeneration
                    || thread.State != ThreadState.Free;
            default: return true;
        }
    }

    static uint OwnerId(Kernel kernel, int space)
    {
        Process? owner = space < 0 || space >= CapabilityTable.InTransitSpace ? null
            : space < Limits.Processes ? kernel.Processes[space]
            : kernel.Vaults[space - Limits.Processes].Owner;
        return owner is { IsUsed: true } ? owner.Id.Value : 0;
    }
}

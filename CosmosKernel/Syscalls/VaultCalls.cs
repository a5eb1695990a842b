// A vault for a process that runs already, and the end of a probe.

using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class VaultCalls
{
    /// <summary>SystemCall.ProcessAttachVault.</summary>
    public static Status Attach(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        if (frame->A2 > (ulong)VaultMode.Probe) return Status.BadArgument;
        Status status = ProcessCalls.Find(
            kernel, thread, frame->A0, Rights.Create, out Process? target);
        if (status != Status.Ok) return status;
        status = Find(kernel, thread, frame->A1, out Vault vault);
        if (status != Status.Ok) return status;
        if (target is null || !target.IsAlive) return Status.Exited;
        if (target.VaultIndex >= 0) return Status.AlreadyExists;
        return vault.IsProbed ? Status.Locked : Attach(
            kernel, target, vault, (VaultMode)frame->A2);
    }

    static Status Attach(Kernel kernel, Process target, Vault vault, VaultMode mode)
    {
        bool isFree = vault.Owner is null
            || mode == VaultMode.Probe && vault.Owner.State == ProcessState.Stopped;
        if (!isFree) return Status.Locked;
        Status status = kernel.Mappings.TryMap(target, ProcessLoader.VaultRegion(vault));
        if (status != Status.Ok) return status;
        if (mode == VaultMode.Probe) VaultProbe.Begin(vault);
        status = kernel.Vaults.TryGiveTo(vault, target);
        if (status == Status.Ok)
        {
            kernel.Processes.AttachVault(target, vault.Index);
            return Status.Ok;
        }

        if (mode == VaultMode.Probe) kernel.Vaults.Probe.End(vault, ProbeEnd.RollBack);
        kernel.Mappings.TryUnmap(
            target, AddressMap.VaultFirst, AddressMap.VaultFirst + vault.LengthBytes);
        return status;
    }

    /// <summary>SystemCall.VaultEndProbe; null: a part was done, the call comes again.</summary>
    public static Status? EndProbe(Kernel kernel, Thread thread)
    {
        Status status = Find(kernel, thread, thread.Frame->A0, out Vault vault);
        if (status != Status.Ok) return status;
        if (thread.Frame->A1 > (ulong)ProbeEnd.Commit) return Status.BadArgument;
        if (!vault.IsProbed) return Status.NotFound;
        var end = (ProbeEnd)thread.Frame->A1;
        Process? inTheWay = end == ProbeEnd.Commit ? vault.Suspended : vault.Owner;
        if (inTheWay is not null && vault.Ending is null) return Status.Locked;
        // Another end that somebody has begun and left is done all the same, as he decided.
        ProbeEnd decided = vault.Ending ?? end;
        if (!kernel.Vaults.Probe.TryEnd(vault, end)) return null;
        return decided == end ? Status.Ok : Status.NotFound;
    }

    static Status Find(Kernel kernel, Thread thread, ulong handle, out Vault vault)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, handle, ObjectType.Vault, Rights.Write, out int index);
        vault = status == Status.Ok ? kernel.Vaults[index] : null!;
        return status;
    }
}

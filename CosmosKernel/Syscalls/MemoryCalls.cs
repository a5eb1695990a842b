// Memory objects and vaults: made, mapped, discarded.

using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class MemoryCalls
{
    // Null, where a call answers it: a part is done, and the thread comes back for the next.

    private const ulong MapRights = (ulong)(Rights.Read | Rights.Write);

    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        Status? status;
        switch (call)
        {
            case SystemCall.MemoryCreate: status = MemoryCreate(kernel, thread); break;
            case SystemCall.MemoryMap: status = MemoryMap(kernel, thread); break;
            case SystemCall.MemoryUnmap: status = MemoryUnmap(kernel, thread); break;
            case SystemCall.VaultCreate: status = VaultCreate(kernel, thread); break;
            case SystemCall.VaultDiscard: status = VaultDiscard(kernel, thread); break;
            case SystemCall.VaultEndProbe: status = VaultCalls.EndProbe(kernel, thread); break;
            default: return false;
        }

        if (status is { } answer) SystemCallTable.Answer(thread, answer);
        else kernel.Machine.RepeatCall(thread);
        return true;
    }

    static Status MemoryCreate(Kernel kernel, Thread thread)
    {
        MemoryObjectTable table = kernel.MemoryObjects;
        if (!ObjectQuota.MayMake(kernel, thread.Process, ObjectType.Memory, table))
            return Status.QuotaExceeded;

        Status status = table.TryMakeRam(thread.Process, thread.Frame->A0, out var made);
        if (status != Status.Ok) return status;
        made.Maker.Set(thread.Process, ObjectType.Memory);
        status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Memory, made.Index, Rights.All, out Handle handle);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        else kernel.MemoryObjects.Settle(made);
        return status;
    }

    static Status MemoryMap(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong offset = frame->A1, lengthBytes = frame->A2, wanted = frame->A3;
        if ((wanted & ~MapRights) != 0 || (wanted & (ulong)Rights.Read) == 0)
        {
            return Status.BadArgument;
        }

        Status status = FindMappable(
            kernel, thread.Process, frame->A0, (Rights)wanted, out MemoryObject shown);
        if (status != Status.Ok) return status;
        if (offset % Limits.PageBytes != 0 || lengthBytes == 0 || lengthBytes > shown.LengthBytes
            || offset > shown.LengthBytes - lengthBytes)
        {
            return Status.BadArgument;
        }

        lengthBytes = ElfImage.PageUp(lengthBytes);
        ulong address = kernel.Mappings.FindGap(thread.Process, lengthBytes);
        if (address == 0) return Status.NoMemory;
        bool isDevice = shown.Kind == MemoryObjectKind.Device;
        bool isWritable = (wanted & (ulong)Rights.Write) != 0;
        status = kernel.Mappings.TryMap(thread.Process, new Region
        {
            First = address,
            End = address + lengthBytes,
            Offset = offset,
            Object = shown,
            Kind = isDevice ? RegionKind.Device : RegionKind.Memory,
            Protection = isWritable ? Protection.Read | Protection.Write : Protection.Read,
        });
        if (status == Status.Ok) frame->A0 = address;
        return status;
    }

    static Status FindMappable(
        Kernel kernel, Process process, ulong handle, Rights rights, out MemoryObject found)
    {
        found = null!;
        Status status = kernel.Capabilities.Find(process, handle, out int index);
        if (status != Status.Ok) return status;
        ref readonly var record = ref kernel.Capabilities[index];
        if (record.Type is not (ObjectType.Memory or ObjectType.DeviceMemory))
        {
            return Status.WrongType;
        }

        if ((record.Rights & rights) != rights) return Status.NoRight;
        found = kernel.MemoryObjects[record.ObjectIndex];
        return Status.Ok;
    }

    /// <summary>Only what MemoryMap has mapped; the span may cover several mappings.</summary>
    static Status? MemoryUnmap(Kernel kernel, Thread thread)
    {
        ulong first = thread.Frame->A0, end = first + thread.Frame->A1;
        return kernel.Mappings.HasOnlyShared(thread.Process, first, end)
            ? kernel.Mappings.TryUnmapPart(thread.Process, first, ElfImage.PageUp(end))
            : Status.BadArgument;
    }

    static Status VaultCreate(Kernel kernel, Thread thread)
    {
        VaultTable table = kernel.Vaults;
        if (!ObjectQuota.MayMake(kernel, thread.Process, ObjectType.Vault, table))
            return Status.QuotaExceeded;

        Status status = table.TryMake(thread.Frame->A0, out Vault made);
        if (status != Status.Ok) return status;
        made.Maker.Set(thread.Process, ObjectType.Vault);
        status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Vault, made.Index, Rights.All, out Handle handle);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        else kernel.Vaults.Settle(made);
        return status;
    }

    /// <summary>Arguments 0 and 1 become what is left.</summary>
    static Status? VaultDiscard(Kernel kernel, Thread thread)
    {
        Process process = thread.Process;
        ulong offset = thread.Frame->A0, lengthBytes = thread.Frame->A1;
        if (process.VaultIndex < 0) return Status.NotFound;
        Vault vault = kernel.Vaults[process.VaultIndex];
        if ((offset | lengthBytes) % Limits.PageBytes != 0 || lengthBytes > vault.LengthBytes
            || offset > vault.LengthBytes - lengthBytes)
        {
            return Status.BadArgument;
        }

        ulong first = AddressMap.VaultFirst + offset;
        int steps = Mappings.PartSteps;
        if (!kernel.Mappings.DropSlice(process, first, first + lengthBytes, ref steps)) return null;
        ulong page = offset / Limits.PageBytes;
        ulong endPage = page + lengthBytes / Limits.PageBytes;
        Status status = kernel.Vaults.DiscardPart(vault, ref page, endPage);
        thread.Frame->A0 = page * Limits.PageBytes;
        thread.Frame->A1 = (endPage - page) * Limits.PageBytes;
        return status != Status.Ok || page == endPage ? status : null;
    }
}

// brk, mmap and the rest: the runtime's memory, in terms of Mappings.
//
// The garbage collector reserves large spans without rights: they cost one region record. Nothing
// is ever writable and executable at once. Files cannot be mapped.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxMemory
{
    private const ulong MapFixed = 0x10, MapAnonymous = 0x20, MapFixedNoReplace = 0x10_0000;
    private const ulong AdviseDontNeed = 4, AdviseFree = 8;

    public static long Brk(Kernel kernel, Process process, ulong wanted)
    {
        LinuxProcess linux = process.Linux;
        ulong end = ElfImage.PageUp(linux.BreakEnd);
        ulong wantedEnd = ElfImage.PageUp(wanted);
        if (wanted < linux.BreakFirst || wantedEnd > AddressMap.UserLowEnd)
        {
            return (long)linux.BreakEnd;
        }

        Status status = Status.Ok;
        if (wantedEnd > end)
        {
            status = kernel.Mappings.TryMap(process, new Region
            {
                First = end,
                End = wantedEnd,
                Kind = RegionKind.Anonymous,
                Protection = Protection.Read | Protection.Write,
            });
        }
        else if (wantedEnd < end)
        {
            status = kernel.Mappings.TryUnmap(process, wantedEnd, end);
        }

        if (status == Status.Ok) linux.BreakEnd = wanted;
        return (long)linux.BreakEnd;
    }

    public static long Mmap(Kernel kernel, Process process, UserFrame* frame)
    {
        ulong address = frame->A0, lengthBytes = ElfImage.PageUp(frame->A1), flags = frame->A3;
        if ((flags & MapAnonymous) == 0) return LinuxCalls.Fail(Errno.BadDescriptor);
        if (lengthBytes == 0 || lengthBytes < frame->A1
            || !TryProtection(frame->A2, out Protection protection))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        if ((flags & (MapFixed | MapFixedNoReplace)) == 0)
        {
            address = kernel.Mappings.FindGap(process, lengthBytes);
            if (address == 0) return LinuxCalls.Fail(Errno.NoMemory);
        }
        else if ((flags & MapFixed) != 0)
        {
            // Linux replaces what is there.
            Status unmapped = Unmap(kernel, process, address, lengthBytes);
            if (unmapped != Status.Ok) return Answer(unmapped);
        }

        Status status = kernel.Mappings.TryMap(process, new Region
        {
            First = address,
            End = address + lengthBytes,
            Kind = RegionKind.Anonymous,
            Protection = protection,
        });
        return status == Status.Ok ? (long)address : Answer(status);
    }

    public static long Munmap(Kernel kernel, Process process, ulong address, ulong lengthBytes) =>
        Answer(Unmap(kernel, process, address, lengthBytes));

    /// <summary>
    /// The process may unmap only what these calls map: never its vault or devices.
    /// </summary>
    private static Status Unmap(Kernel kernel, Process process, ulong address, ulong lengthBytes)
    {
        ulong end = address + ElfImage.PageUp(lengthBytes);
        return kernel.Mappings.HasOnlyPrivate(process, address, end)
            ? kernel.Mappings.TryUnmap(process, address, end)
            : Status.BadArgument;
    }

    public static long Mprotect(Kernel kernel, Process process, UserFrame* frame)
    {
        ulong end = frame->A0 + ElfImage.PageUp(frame->A1);
        if (frame->A1 == 0) return 0;
        if (!TryProtection(frame->A2, out Protection protection)
            || !kernel.Mappings.HasOnlyPrivate(process, frame->A0, end))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        return Answer(kernel.Mappings.TryProtect(process, frame->A0, end, protection));
    }

    public static long Madvise(Kernel kernel, Process process, UserFrame* frame)
    {
        ulong first = frame->A0, end = first + ElfImage.PageUp(frame->A1);
        if (first % Limits.PageBytes != 0 || end < first
            || end > first && !AddressMap.IsUser(first, end - first))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        if (frame->A2 is AdviseDontNeed or AdviseFree) kernel.Mappings.Discard(process, first, end);
        return 0;
    }

    private static bool TryProtection(ulong bits, out Protection protection)
    {
        protection = (Protection)(bits & 7);
        return bits <= 7 && !Mappings.IsWriteAndExecute(protection);
    }

    private static long Answer(Status status) => status switch
    {
        Status.Ok => 0,
        Status.BadArgument => LinuxCalls.Fail(Errno.Invalid),
        _ => LinuxCalls.Fail(Errno.NoMemory),
    };
}

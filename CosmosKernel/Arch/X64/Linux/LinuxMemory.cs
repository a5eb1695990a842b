// brk, mmap and the rest: the runtime's memory, in terms of Mappings.
//
// The garbage collector reserves large spans without rights: they cost one region record. Nothing
// is ever writable and executable at once. Files cannot be mapped.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxMemory
{
    private const ulong MapFixed = 0x10, MapAnonymous = 0x20, MapFixedNoReplace = 0x10_0000;
    private const ulong AdviseDontNeed = 4, AdviseFree = 8;

    public static long? Brk(Kernel kernel, Thread thread, ulong wanted)
    {
        Process process = thread.Process;
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
            Status? unmapped = kernel.Mappings.TryUnmapPart(process, wantedEnd, end);
            if (unmapped is null) return Again(kernel, thread);
            status = unmapped.Value;
        }

        if (status == Status.Ok) linux.BreakEnd = wanted;
        return (long)linux.BreakEnd;
    }

    public static long? Mmap(Kernel kernel, Thread thread, UserFrame* frame)
    {
        Process process = thread.Process;
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
            Status? unmapped = Unmap(kernel, process, address, lengthBytes);
            if (unmapped is null) return Again(kernel, thread);
            if (unmapped != Status.Ok) return Answer(unmapped.Value);
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

    public static long? Munmap(Kernel kernel, Thread thread, ulong address, ulong lengthBytes) =>
        AnswerOrAgain(kernel, thread, Unmap(kernel, thread.Process, address, lengthBytes));

    /// <summary>
    /// The process may unmap only what these calls map: never its vault or devices.
    /// </summary>
    private static Status? Unmap(Kernel kernel, Process process, ulong address, ulong lengthBytes)
    {
        ulong end = address + ElfImage.PageUp(lengthBytes);
        return kernel.Mappings.HasOnlyPrivate(process, address, end)
            ? kernel.Mappings.TryUnmapPart(process, address, end)
            : Status.BadArgument;
    }

    public static long? Mprotect(Kernel kernel, Thread thread, UserFrame* frame)
    {
        Process process = thread.Process;
        ulong end = frame->A0 + ElfImage.PageUp(frame->A1);
        if (frame->A1 == 0) return 0;
        if (!TryProtection(frame->A2, out Protection protection)
            || !kernel.Mappings.HasOnlyPrivate(process, frame->A0, end))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        return AnswerOrAgain(kernel, thread,
            kernel.Mappings.TryProtectPart(process, frame->A0, end, protection));
    }

    public static long? Madvise(Kernel kernel, Thread thread, UserFrame* frame)
    {
        ulong first = frame->A0, end = first + ElfImage.PageUp(frame->A1);
        if (first % Limits.PageBytes != 0 || end < first
            || end > first && !AddressMap.IsUser(first, end - first))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        if (frame->A2 is not (AdviseDontNeed or AdviseFree)) return 0;
        return kernel.Mappings.DiscardPart(thread.Process, first, end)
            ? 0 : Again(kernel, thread);
    }

    private static bool TryProtection(ulong bits, out Protection protection)
    {
        protection = (Protection)(bits & 7);
        return bits <= 7 && !Mappings.IsWriteAndExecute(protection);
    }

    /// <summary>A part is done; the thread comes back for the next.</summary>
    private static long? Again(Kernel kernel, Thread thread)
    {
        kernel.Machine.RepeatCall(thread);
        return null;
    }

    private static long? AnswerOrAgain(Kernel kernel, Thread thread, Status? status) =>
        status is { } done ? Answer(done) : Again(kernel, thread);

    private static long Answer(Status status) => status switch
    {
        Status.Ok => 0,
        Status.BadArgument => LinuxCalls.Fail(Errno.Invalid),
        _ => LinuxCalls.Fail(Errno.NoMemory),
    };
}

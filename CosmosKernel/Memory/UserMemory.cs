// Reads and writes the memory of processes by walking their page tables.
//
// A user pointer is never dereferenced: each page is translated, faulted in if its region allows
// it, and reached through the direct map. A failure changes nothing but the bytes before it.

using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Arch;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: Reach answers pointers into frames that the process has; no step leaves a page.
public sealed unsafe class UserMemory(IMachine machine) : IUserMemory
{
    private const ulong PageMask = Limits.PageBytes - 1;

    private readonly byte* _physical = machine.PhysicalMemory;
    private PageTables _tables = null!;
    private PageFaults _faults = null!;

    public void Attach(PageTables tables, PageFaults faults)
    {
        _tables = tables;
        _faults = faults;
    }

    public bool IsUserRange(ulong address, ulong lengthBytes) =>
        AddressMap.IsUser(address, lengthBytes);

    public bool TryRead(Process process, ulong address, Span<byte> target)
    {
        if (!AddressMap.IsUser(address, (ulong)target.Length)) return target.Length == 0;
        // Safety: Reach answers a pointer into one frame; what is read does not leave that page.
        fixed (byte* start = target)
        {
            byte* to = start;
            for (ulong left = (ulong)target.Length; left > 0; )
            {
                byte* from = Reach(process, address, Access.Read);
                if (from is null) return false;
                ulong step = Math.Min(left, Limits.PageBytes - (address & PageMask));
                FrameTable.Copy(from, to, step);
                address += step;
                to += step;
                left -= step;
            }
        }

        return true;
    }

    public bool TryWrite(Process process, ulong address, ReadOnlySpan<byte> source)
    {
        if (!AddressMap.IsUser(address, (ulong)source.Length)) return source.Length == 0;
        // Safety: as TryRead.
        fixed (byte* start = source)
        {
            byte* from = start;
            for (ulong left = (ulong)source.Length; left > 0; )
            {
                byte* to = Reach(process, address, Access.Write);
                if (to is null) return false;
                ulong step = Math.Min(left, Limits.PageBytes - (address & PageMask));
                FrameTable.Copy(from, to, step);
                address += step;
                from += step;
                left -= step;
            }
        }

        return true;
    }

    public CopyResult Copy(
        Process source, ulong sourceAddress, Process target, ulong targetAddress, ulong lengthBytes)
    {
        if (lengthBytes == 0) return CopyResult.Done;
        if (!AddressMap.IsUser(sourceAddress, lengthBytes)) return CopyResult.BadSource;
        if (!AddressMap.IsUser(targetAddress, lengthBytes)) return CopyResult.BadTarget;
        // Safety: as TryRead, with a step that leaves neither page. Spans that overlap (one process
        // lends memory to itself) copy forward, which harms nobody but that process.
        byte* from = null, to = null;
        ulong* sourceEntry = null, targetEntry = null;
        while (true)
        {
            // The page that the last step has not left is still reached.
            if (from is null)
            {
                from = ReachNext(source, sourceAddress, Access.Read, ref sourceEntry);
                if (from is null) return CopyResult.BadSource;
            }
            if (to is null)
            {
                to = ReachNext(target, targetAddress, Access.Write, ref targetEntry);
                if (to is null) return CopyResult.BadTarget;
                // Its page fault may have taken the other page away, if both are one process.
                if (source == target) from = Reach(source, sourceAddress, Access.Read);
                if (from is null) return CopyResult.BadSource;
            }

            ulong inPage = Math.Max(sourceAddress & PageMask, targetAddress & PageMask);
            ulong step = Math.Min(lengthBytes, Limits.PageBytes - inPage);
            FrameTable.Copy(from, to, step);
            lengthBytes -= step;
            if (lengthBytes == 0) return CopyResult.Done;
            sourceAddress += step;
            targetAddress += step;
            from = (sourceAddress & PageMask) == 0 ? null : from + step;
            to = (targetAddress & PageMask) == 0 ? null : to + step;
        }
    }

    /// <summary>
    /// As Reach, for one page after the other: the entry is that of the page before, or null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReachNext(Process process, ulong address, Access access, ref ulong* entry)
    {
        // Safety: as Reach. No table of a process goes while the kernel copies, and the entries of
        // neighbours are neighbours within one.
        if (entry is not null && (address & (PageTables.SpanBytes - 1)) != 0) entry++;
        else entry = Find(process, address);
        if (Allows(entry, access))
            return _physical + (*entry & PageEntry.FrameMask) + (address & PageMask);
        entry = null;
        return FaultIn(process, address, access);
    }

    /// <summary>
    /// The byte as a kernel pointer, valid to the end of its page and until the next change of the
    /// process's mappings; null when the process may not access it. Notes a lack of memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Reach(Process process, ulong address, Access access)
    {
        // Safety: present entries of user addresses name frames, in the direct map.
        ulong* entry = Find(process, address);
        return Allows(entry, access)
            ? _physical + (*entry & PageEntry.FrameMask) + (address & PageMask)
            : FaultIn(process, address, access);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong* Find(Process process, ulong address)
    {
        ulong root = process.AddressSpace.Root;
        return root == 0 ? null : _tables.Find(root, address);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Allows(ulong* entry, Access access)
    {
        ulong wanted = access == Access.Write
            ? PageEntry.Present | PageEntry.User | PageEntry.Writable
            : PageEntry.Present | PageEntry.User;
        return entry is not null && (*entry & wanted) == wanted;
    }

    private byte* FaultIn(Process process, ulong address, Access access)
    {
        if (process.AddressSpace.Root == 0) return null;
        TouchResult result = _faults.Touch(process, address, access);
        if (result == TouchResult.NoMemory) process.AddressSpace.IsOutOfMemory = true;
        if (result != TouchResult.Ok) return null;
        // Safety: Touch has made the entry.
        ulong* entry = _tables.Find(process.AddressSpace.Root, address);
        return _physical + (*entry & PageEntry.FrameMask) + (address & PageMask);
    }

    /// <summary>
    /// An aligned word of user memory, for futexes; null when it cannot be reached.
    /// </summary>
    public uint* ReachWord(Process process, ulong address, Access access) =>
        address % sizeof(uint) != 0 || !AddressMap.IsUser(address, sizeof(uint))
            ? null : (uint*)Reach(process, address, access);
}

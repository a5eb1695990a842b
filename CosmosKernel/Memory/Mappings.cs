// Changes what a process has mapped: regions and page tables together.
//
// Rules: a change is refused as a whole, and then nothing has changed, or it is done. Pages come on
// first touch (PageFaults), so a mapping costs one region record, whatever its size.
//
// Changes of many pages are done in parts: null (or false) is "not done yet", the call is repeated
// (IMachine.RepeatCall), and interrupts come in between. What has been done shows in the tables
// alone, which are freed where they are empty, so that a part never looks at much of what earlier
// ones have left. Between two parts other threads of the process see half of it.

using System;
using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: entries are in page tables of the process at hand, which only the kernel changes.
public sealed unsafe class Mappings(
    IMachine machine, PageTables tables, RegionPool regions, MemoryObjectTable objects)
{
    /// <summary>
    /// Mappings whose address the kernel chooses lie below this, next to the stack.
    /// </summary>
    public const ulong ChosenEnd = 0x3FFF_E000_0000;
    /// <summary>They stay above the vault's span.</summary>
    public const ulong ChosenFirst = AddressMap.VaultFirst + 2 * VaultTable.MaxBytes;

    /// <summary>Steps of ReclaimSlice that a table's empty entries may cost, and a page.</summary>
    private const int SkipSteps = 32, FreedSteps = 7;

    /// <summary>An address for a mapping of the length, or 0 when no gap is that large.</summary>
    public ulong FindGap(Process process, ulong lengthBytes) =>
        process.AddressSpace.FindGapBelow(regions, ChosenFirst, ChosenEnd, lengthBytes);

    /// <summary>
    /// Maps a span that is free. BadArgument where it is not, or not user space; QuotaExceeded
    /// without a region record.
    /// </summary>
    public Status TryMap(Process process, in Region region)
    {
        AddressSpace space = process.AddressSpace;
        if (region.End <= region.First || !IsPageAligned(region.First | region.End)
            || !AddressMap.IsUser(region.First, region.End - region.First)
            || !space.IsFree(regions, region.First, region.End))
        {
            return Status.BadArgument;
        }

        if (!space.HasRoomFor(regions, 1)) return Status.QuotaExceeded;
        if (region.Object is not null) region.Object.Mappings++;
        space.Insert(regions, region);
        return Status.Ok;
    }

    /// <summary>Unmaps whatever is in the span; holes are no error.</summary>
    public Status TryUnmap(Process process, ulong first, ulong end)
    {
        if (!IsUserSpan(first, end)) return Status.BadArgument;
        AddressSpace space = process.AddressSpace;
        if (!space.HasRoomFor(regions, 2)) return Status.QuotaExceeded;
        (int from, int to) = space.Isolate(regions, first, end);
        DropPages(process, first, end);
        for (int i = to - 1; i >= from; i--)
        {
            MemoryObject? shown = space.At(regions, i).Object;
            space.RemoveAt(regions, i);
            if (shown is null) continue;
            shown.Mappings--;
            objects.Settle(shown);
        }

        return Status.Ok;
    }

    /// <summary>Changes what may be done with a span. NotFound when it has a hole.</summary>
    public Status TryProtect(Process process, ulong first, ulong end, Protection protection)
    {
        if (!IsUserSpan(first, end) || IsWriteAndExecute(protection)) return Status.BadArgument;
        AddressSpace space = process.AddressSpace;
        if (!space.IsCovered(regions, first, end)) return Status.NotFound;
        if (!space.HasRoomFor(regions, 2)) return Status.QuotaExceeded;
        (int from, int to) = space.Isolate(regions, first, end);
        for (int i = from; i < to; i++)
        {
            ref Region region = ref space.At(regions, i);
            if (region.Protection == protection || region.Kind == RegionKind.Guard) continue;
            region.Protection = protection;
            ProtectPages(process, region);
        }

        space.MergeAround(regions, from, to - 1);
        return Status.Ok;
    }

    /// <summary>True when the span shows no vault, device, guard or shared memory.</summary>
    public bool HasOnlyPrivate(Process process, ulong first, ulong end)
    {
        AddressSpace space = process.AddressSpace;
        for (int i = space.FirstEndingAfter(regions, first); i < space.RegionCount; i++)
        {
            ref Region region = ref space.At(regions, i);
            if (region.First >= end) return true;
            if (region.Kind is not (RegionKind.Anonymous or RegionKind.Image)) return false;
        }

        return true;
    }

    /// <summary>True when Memory objects and devices cover the span, and nothing else.</summary>
    public bool HasOnlyShared(Process process, ulong first, ulong end)
    {
        AddressSpace space = process.AddressSpace;
        if (end <= first || !space.IsCovered(regions, first, end)) return false;
        for (int i = space.FirstEndingAfter(regions, first); i < space.RegionCount; i++)
        {
            ref Region region = ref space.At(regions, i);
            if (region.First >= end) return true;
            if (region.Kind is not (RegionKind.Memory or RegionKind.Device)) return false;
        }

        return true;
    }

    /// <summary>
    /// Shows a new process all that the template has, for reading; what is written is copied then
    /// (PageFaults). QuotaExceeded without region records, NoMemory without frames for tables: what
    /// was made until then is the caller's to reclaim.
    /// </summary>
    public Status TryCopy(Process template, Process process)
    {
        if (!process.AddressSpace.TryCopyFrom(regions, template.AddressSpace))
            return Status.QuotaExceeded;
        for (ulong address = AddressMap.UserLowFirst; address < AddressMap.UserHighEnd; )
        {
            ulong* source = tables.FindOrSkip(
                template.AddressSpace.Root, ref address, out ulong leading);
            if (source is not null && !TryCopyTable(source, leading, process, ref address))
                return Status.NoMemory;
        }

        return Status.Ok;
    }

    /// <summary>A whole table, of which the source is the first entry.</summary>
    private bool TryCopyTable(ulong* source, ulong leading, Process process, ref ulong address)
    {
        // Safety: both tables have an entry for each page of the range; a group does not leave it.
        ulong* target = null;
        ulong next = address + PageTables.SpanBytes;
        ulong end = address + (ulong)TableRange.End(leading) * Limits.PageBytes;
        source += TableRange.First(leading);
        address += (ulong)TableRange.First(leading) * Limits.PageBytes;
        for (; address < end; address += EntryGroup.SpanBytes)
        {
            ulong bits = EntryGroup.BitsOf(source);
            if (bits != 0)
            {
                if (target is null && (target = FindOrMake(process, address, end)) is null)
                    return false;
                EntryGroup.Copy(source, target,
                    PageEntry.Owned | PageEntry.Writable | PageEntry.WrittenByCopies);
                if ((bits & PageEntry.WrittenByCopies) != 0) CopyPages(source, target, process);
            }

            source += EntryGroup.Count;
            if (target is not null) target += EntryGroup.Count;
        }

        address = next;
        return true;
    }

    /// <summary>The first of the entries up to the end, in a table that has all of them.</summary>
    private ulong* FindOrMake(Process process, ulong first, ulong end) =>
        tables.FindOrMake(process, end - Limits.PageBytes) is null
            ? null : tables.FindOrMake(process, first);

    /// <summary>
    /// Its own pages at once, of those in a group that each copy writes. What fails is copied when
    /// it is written, or fails then.
    /// </summary>
    private void CopyPages(ulong* source, ulong* target, Process process)
    {
        for (int i = 0; i < EntryGroup.Count; i++)
        {
            if ((source[i] & PageEntry.WrittenByCopies) == 0) continue;
            ulong own = tables.TryCopyFor(process, source[i] & PageEntry.FrameMask);
            if (own == 0) return;
            target[i] = own | PageEntry.Owned
                | source[i] & ~(PageEntry.FrameMask | PageEntry.WrittenByCopies);
        }
    }

    private void ProtectPages(Process process, in Region region)
    {
        // Safety: as DropPages.
        ulong root = process.AddressSpace.Root, flags = PageEntry.FlagsOf(region.Protection);
        ulong address = region.First;
        ulong* entry;
        while ((entry = tables.NextUsed(root, ref address, region.End)) is not null)
        {
            ulong keep = *entry & (PageEntry.FrameMask | PageEntry.Owned | PageEntry.NoCache);
            bool isCopyOnWrite = region.Kind is RegionKind.Image or RegionKind.Anonymous
                && (keep & PageEntry.Owned) == 0;
            *entry = keep | (isCopyOnWrite ? flags & ~PageEntry.Writable : flags);
            machine.InvalidatePage(root, address);
            address += Limits.PageBytes;
        }
    }

    /// <summary>
    /// Frees the memory of a process that will not run again, for so many steps of about 10
    /// instructions. True: all is gone, the root too.
    /// </summary>
    public bool ReclaimSlice(Process process, ref int steps)
    {
        AddressSpace space = process.AddressSpace;
        if (space.Root != 0 && !ReclaimPages(process, space, ref steps)) return false;
        while (space.RegionCount > 0)
        {
            if (steps <= 0) return false;
            steps -= 4;
            MemoryObject? shown = space.At(regions, space.RegionCount - 1).Object;
            space.RemoveAt(regions, space.RegionCount - 1);
            if (shown is null) continue;
            shown.Mappings--;
            objects.Settle(shown);
        }

        return true;
    }

    private bool ReclaimPages(Process process, AddressSpace space, ref int steps)
    {
        if (space.ReclaimAddress == 0)
        {
            machine.ForgetRoot(space.Root);
            space.ReclaimAddress = AddressMap.UserLowFirst;
        }

        while (space.ReclaimAddress < AddressMap.UserHighEnd)
        {
            if (steps <= 0) return false;
            ulong address = space.ReclaimAddress;
            ulong next = address;
            ulong* entry = tables.FindOrSkip(space.Root, ref next, out ulong leading);
            steps -= entry is null ? SkipSteps : 2;
            if (entry is not null)
                next = ReclaimEntries(process, entry, leading, address, ref steps);
            tables.ReleaseTablesBetween(process, address, next);
            space.ReclaimAddress = next;
        }

        tables.ReleaseFor(process, space.Root);
        space.Root = 0;
        space.ReclaimAddress = 0;
        space.IsOutOfMemory = false;
        return true;
    }

    /// <summary>
    /// Frees what one table names, from the entry of the address on; answers the address that it
    /// has got to. Eight entries without a page of the process's own, as most are, cost one step.
    /// </summary>
    private ulong ReclaimEntries(
        Process process, ulong* entry, ulong leading, ulong address, ref int steps)
    {
        // Safety: as DropPages, and the processor no longer uses these tables; a group does not
        // leave its table.
        ulong table = address & ~(PageTables.SpanBytes - 1);
        ulong first = table + (ulong)TableRange.First(leading) * Limits.PageBytes;
        ulong end = table + (ulong)TableRange.End(leading) * Limits.PageBytes;
        if (address < first)
        {
            entry += (first - address) / Limits.PageBytes;
            address = first;
        }

        while (steps > 0 && address < end)
        {
            steps--;
            if (EntryGroup.StartsAt(address)
                && (EntryGroup.BitsOf(entry) & PageEntry.Owned) == 0)
            {
                entry += EntryGroup.Count;
                address += EntryGroup.SpanBytes;
                continue;
            }

            ulong old = *entry;
            *entry++ = 0;
            if ((old & PageEntry.Owned) != 0)
            {
                steps -= FreedSteps;
                tables.ReleaseFor(process, old & PageEntry.FrameMask);
            }

            address += Limits.PageBytes;
        }

        return address < end ? address : table + PageTables.SpanBytes;
    }

    private static bool IsUserSpan(ulong first, ulong end) =>
        end > first && IsPageAligned(first | end) && AddressMap.IsUser(first, end - first);

    private static bool IsPageAligned(ulong value) => value % Limits.PageBytes == 0;

    public static bool IsWriteAndExecute(Protection protection) =>
        (protection & (Protection.Write | Protection.Execute))
            == (Protection.Write | Protection.Execute);

    /// <summary>Steps of about 10 instructions of one part; a page is PageSteps of them.</summary>
    public const int PartSteps = 4000;
    private const int PageSteps = 15;

    /// <summary>TryUnmap, in parts.</summary>
    public Status? TryUnmapPart(Process process, ulong first, ulong end)
    {
        if (!IsUserSpan(first, end)) return Status.BadArgument;
        if (!process.AddressSpace.HasRoomFor(regions, 2)) return Status.QuotaExceeded;
        int steps = PartSteps;
        return DropSlice(process, first, end, ref steps) ? TryUnmap(process, first, end) : null;
    }

    /// <summary>TryProtect, in parts.</summary>
    public Status? TryProtectPart(Process process, ulong first, ulong end, Protection protection)
    {
        if (!IsUserSpan(first, end) || IsWriteAndExecute(protection)) return Status.BadArgument;
        AddressSpace space = process.AddressSpace;
        if (!space.IsCovered(regions, first, end)) return Status.NotFound;
        int i = space.FirstEndingAfter(regions, first);
        while (i < space.RegionCount && space.At(regions, i).First < end
            && (space.At(regions, i).Protection == protection
                || space.At(regions, i).Kind == RegionKind.Guard))
        {
            i++;
        }

        if (i == space.RegionCount || space.At(regions, i).First >= end) return Status.Ok;
        ulong from = Math.Max(first, space.At(regions, i).First);
        ulong to = Reach(process, from, end);
        Status status = TryProtect(process, from, to, protection);
        return status != Status.Ok || to == end ? status : null;
    }

    /// <summary>
    /// Forgets the contents of private pages: they are as at first touch again. In parts; false:
    /// not done yet.
    /// </summary>
    public bool DiscardPart(Process process, ulong first, ulong end)
    {
        int steps = PartSteps;
        AddressSpace space = process.AddressSpace;
        for (int i = space.FirstEndingAfter(regions, first); i < space.RegionCount; i++)
        {
            ref Region region = ref space.At(regions, i);
            if (region.First >= end) return true;
            if (region.Kind is not (RegionKind.Anonymous or RegionKind.Image)) continue;
            ulong from = Math.Max(first, region.First), to = Math.Min(end, region.End);
            if (!DropSlice(process, from, to, ref steps)) return false;
        }

        return true;
    }

    /// <summary>
    /// Takes pages out of the tables, and frees those that are the process's own, and tables that
    /// have nothing else.
    /// </summary>
    public void DropPages(Process process, ulong first, ulong end)
    {
        int steps = int.MaxValue;
        DropSlice(process, first, end, ref steps);
    }

    /// <summary>DropPages for so many steps; false: there is more.</summary>
    public bool DropSlice(Process process, ulong first, ulong end, ref int steps)
    {
        ulong root = process.AddressSpace.Root;
        for (ulong address = first; address < end; )
        {
            if (steps <= 0) return false;
            ulong next = address;
            ulong* entry = tables.FindOrSkip(root, ref next);
            if (entry is null) steps -= SkipSteps;
            else next = DropEntries(process, entry, address, end, ref steps);
            tables.ReleaseTablesWithin(process, address, next, first, end);
            address = next;
        }

        return true;
    }

    /// <summary>As ReclaimEntries, of a process that runs; not beyond the end.</summary>
    private ulong DropEntries(
        Process process, ulong* entry, ulong address, ulong end, ref int steps)
    {
        // Safety: a group does not leave its table.
        do
        {
            steps--;
            if (IsEmptyGroup(entry, address, end))
            {
                entry += EntryGroup.Count;
                address += EntryGroup.SpanBytes;
                continue;
            }

            ulong old = *entry;
            if (old != 0)
            {
                steps -= PageSteps;
                *entry = 0;
                if ((old & PageEntry.Present) != 0)
                    machine.InvalidatePage(process.AddressSpace.Root, address);
                if ((old & PageEntry.Owned) != 0)
                    tables.ReleaseFor(process, old & PageEntry.FrameMask);
            }

            entry++;
            address += Limits.PageBytes;
        }
        while (steps > 0 && address < end && address % PageTables.SpanBytes != 0);
        return address;
    }

    /// <summary>How far the pages from the first on can be changed in one part.</summary>
    private ulong Reach(Process process, ulong first, ulong end)
    {
        int steps = PartSteps;
        ulong root = process.AddressSpace.Root, address = first;
        while (address < end && steps > 0)
        {
            ulong* entry = tables.FindOrSkip(root, ref address);
            if (entry is null)
            {
                steps -= SkipSteps;
                continue;
            }

            do
            {
                // Safety: a group does not leave its table. Each is walked over twice.
                steps -= 2;
                bool isEmpty = IsEmptyGroup(entry, address, end);
                if (!isEmpty && *entry != 0) steps -= PageSteps;
                entry += isEmpty ? EntryGroup.Count : 1;
                address += isEmpty ? EntryGroup.SpanBytes : Limits.PageBytes;
            }
            while (steps > 0 && address < end && address % PageTables.SpanBytes != 0);
        }

        return Math.Min(address, end);
    }

    private static bool IsEmptyGroup(ulong* entry, ulong address, ulong end) =>
        EntryGroup.StartsAt(address) && address + EntryGroup.SpanBytes <= end
        && EntryGroup.IsEmpty(entry);
}

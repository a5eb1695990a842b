// Four-level page tables over the direct map: find, make, and walk entries of user addresses.
//
// Tables are frames charged to the process. Only AddressMap.IsUser addresses may be asked for.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: tables are frames of the process at hand, in the direct map.
public sealed unsafe class PageTables(IMachine machine, FrameTable frames)
{
    public const int EntriesPerTable = 512;
    /// <summary>Bytes whose entries lie in one table.</summary>
    public const ulong SpanBytes = EntriesPerTable * Limits.PageBytes;
    private const int TopShift = 39, LeafShift = 12, LevelBits = 9;
    /// <summary>Nothing leads to a root: all of its lower half may be used.</summary>
    private static readonly ulong RootRange =
        TableRange.With(TableRange.With(0, 0), EntriesPerTable / 2 - 1);

    private readonly byte* _physical = machine.PhysicalMemory;

    /// <summary>
    /// Makes the root and, below its entry 0, the table that user memory under 1 GiB shares with
    /// the kernel image; then the machine fills in the kernel's part of both.
    /// </summary>
    public bool TryMakeRoot(Process process)
    {
        ulong root = TryTakeFor(process), low = root == 0 ? 0 : TryTakeFor(process);
        if (low == 0)
        {
            if (root != 0) ReleaseFor(process, root);
            return false;
        }

        *Table(root) = low | PageEntry.Table;
        process.AddressSpace.Root = root;
        machine.CopyKernelMappings(root);
        return true;
    }

    /// <summary>A zeroed frame charged to the process; 0 beyond its quota or the machine.</summary>
    public ulong TryTakeFor(Process process)
    {
        if (process.MemoryPages >= process.MemoryQuotaPages) return 0;
        ulong frame = frames.TryTakeZeroed();
        if (frame != 0) process.MemoryPages++;
        return frame;
    }

    /// <summary>As TryTakeFor, with the contents of another frame.</summary>
    public ulong TryCopyFor(Process process, ulong source)
    {
        if (process.MemoryPages >= process.MemoryQuotaPages) return 0;
        ulong frame = frames.TryTake();
        if (frame == 0) return 0;
        process.MemoryPages++;
        FrameTable.Copy(_physical + source, _physical + frame, Limits.PageBytes);
        return frame;
    }

    public void ReleaseFor(Process process, ulong frame)
    {
        frames.Release(frame);
        process.MemoryPages--;
    }

    /// <summary>
    /// The entry for the address, or null while there is no table for it. Those of the pages that
    /// follow lie behind it, up to the next multiple of SpanBytes.
    /// </summary>
    public ulong* Find(ulong root, ulong address)
    {
        // Safety: tables are frames, and frames lie in the direct map.
        const ulong follow = PageEntry.TableMask;
        ulong entry = Table(root)[Index(address, TopShift)];
        if ((entry & follow) != follow) return null;
        entry = Table(entry & PageEntry.FrameMask)[Index(address, TopShift - LevelBits)];
        if ((entry & follow) != follow) return null;
        entry = Table(entry & PageEntry.FrameMask)[Index(address, LeafShift + LevelBits)];
        if ((entry & follow) != follow) return null;
        return &Table(entry & PageEntry.FrameMask)[Index(address, LeafShift)];
    }

    /// <summary>
    /// The entry for the address; makes missing tables. Null when there is no memory.
    /// </summary>
    public ulong* FindOrMake(Process process, ulong address)
    {
        // Safety: as Find.
        ulong* table = Table(process.AddressSpace.Root), leading = null;
        for (int shift = TopShift; shift > LeafShift; shift -= LevelBits)
        {
            ulong* entry = &table[Index(address, shift)];
            if ((*entry & PageEntry.Present) == 0)
            {
                ulong made = TryTakeFor(process);
                if (made == 0) return null;
                *entry = made | PageEntry.Table;
                if (leading is not null)
                    *leading = TableRange.With(*leading, Index(address, shift));
            }

            table = Table(*entry & PageEntry.FrameMask);
            leading = entry;
        }

        int index = Index(address, LeafShift);
        *leading = TableRange.With(*leading, index);
        return &table[index];
    }

    /// <summary>
    /// The first entry at or after the address, and before the end, that is not zero; null at the
    /// end. Costs grow with the tables that exist, not with the span.
    /// </summary>
    public ulong* NextUsed(ulong root, ref ulong address, ulong end)
    {
        while (address < end)
        {
            ulong* entry = FindOrSkip(root, ref address);
            if (entry is null) continue;
            do
            {
                if (address >= end) return null;
                if (*entry != 0) return entry;
                entry++;
                address += Limits.PageBytes;
            }
            while (Index(address, LeafShift) != 0);
        }

        return null;
    }

    /// <summary>
    /// As Find; where a table is missing, moves the address to the next place where one may be: at
    /// most 512 entries are looked at.
    /// </summary>
    public ulong* FindOrSkip(ulong root, ref ulong address) =>
        FindOrSkip(root, ref address, out _);

    /// <param name="leading">That leads to the table of the entry found, with its range.</param>
    public ulong* FindOrSkip(ulong root, ref ulong address, out ulong leading)
    {
        // Safety: as Find; the index stays within the table.
        ulong* table = Table(root);
        leading = RootRange;
        for (int shift = TopShift; shift > LeafShift; shift -= LevelBits)
        {
            int index = Index(address, shift);
            ulong entry = table[index];
            if ((entry & PageEntry.TableMask) != PageEntry.TableMask)
            {
                int next = NextUsed(table, index + 1, leading);
                address = ((address >> shift) + (ulong)(next - index)) << shift;
                return null;
            }

            table = Table(entry & PageEntry.FrameMask);
            leading = entry;
        }

        return &table[Index(address, LeafShift)];
    }

    private static int NextUsed(ulong* table, int index, ulong leading)
    {
        int end = TableRange.End(leading);
        index = System.Math.Max(index, TableRange.First(leading));
        if (index < end) index = EntryGroup.NextUsed(table, index, end);
        return index < end ? index : EntriesPerTable;
    }

    /// <summary>
    /// Frees the tables that the address leaves behind when it moves on to the next, except the
    /// root. The leaf entries in them are zero, or hold frames that are not the process's own.
    /// </summary>
    public void ReleaseTablesBetween(Process process, ulong address, ulong next)
    {
        for (int shift = LeafShift + LevelBits; shift <= TopShift; shift += LevelBits)
        {
            if (address >> shift == next >> shift) return;
            ulong* entry = FindTableEntry(process.AddressSpace.Root, address, shift);
            if (entry is null || (*entry & PageEntry.TableMask) != PageEntry.TableMask) continue;
            ReleaseFor(process, *entry & PageEntry.FrameMask);
            *entry = 0;
        }
    }

    /// <summary>
    /// As ReleaseTablesBetween, for tables whose whole span lies between first and end.
    /// </summary>
    public void ReleaseTablesWithin(
        Process process, ulong address, ulong next, ulong first, ulong end)
    {
        for (int shift = LeafShift + LevelBits; shift <= TopShift; shift += LevelBits)
        {
            if (address >> shift == next >> shift) return;
            ulong tableFirst = address >> shift << shift, tableEnd = tableFirst + (1UL << shift);
            if (tableFirst < first || tableEnd > end) return;
            ulong* entry = FindTableEntry(process.AddressSpace.Root, address, shift);
            if (entry is null || (*entry & PageEntry.TableMask) != PageEntry.TableMask) continue;
            ReleaseFor(process, *entry & PageEntry.FrameMask);
            *entry = 0;
            // The processor may remember the table, and forgets all of them at any address.
            machine.InvalidatePage(process.AddressSpace.Root, address);
        }
    }

    /// <summary>
    /// The entry, at the level of the shift, that leads to the table for the address.
    /// </summary>
    private ulong* FindTableEntry(ulong root, ulong address, int wantedShift)
    {
        // Safety: as Find.
        ulong* table = Table(root);
        for (int shift = TopShift; shift > wantedShift; shift -= LevelBits)
        {
            ulong entry = table[Index(address, shift)];
            if ((entry & PageEntry.TableMask) != PageEntry.TableMask) return null;
            table = Table(entry & PageEntry.FrameMask);
        }

        return &table[Index(address, wantedShift)];
    }

    private ulong* Table(ulong frame) => (ulong*)(_physical + frame);

    private static int Index(ulong address, int shift) =>
        (int)(address >> shift) & (EntriesPerTable - 1);
}

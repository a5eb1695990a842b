// One process's user memory: regions that say what may be, page tables that say what is.
//
// The regions are kept in order of address. This file knows nothing of page tables: who changes
// regions also changes the tables (Mappings). A change is refused as a whole or done as a whole.

using System;
using Shared.Abi;

namespace CosmosKernel.Memory;

public sealed class AddressSpace
{
    /// <summary>Physical address of the top page table; 0 when there is none.</summary>
    public ulong Root;

    /// <summary>Where the reclaimer has got to (Mappings).</summary>
    public ulong ReclaimAddress;

    /// <summary>
    /// The kernel could not give a page that the process may have: its quota, or the machine's
    /// memory, is used up. Who then refuses the access ends it with DeathCause.Memory.
    /// </summary>
    public bool IsOutOfMemory;

    /// <summary>Indices into the pool, in order of address.</summary>
    private readonly ushort[] _order = new ushort[Limits.RegionsPerProcess];
    private int _count;
    private int _lastFound;

    public int RegionCount => _count;

    public ref Region At(RegionPool pool, int position) => ref pool[_order[position]];

    /// <summary>Position of the region with the address, or -1.</summary>
    public int Find(RegionPool pool, ulong address)
    {
        if (_lastFound < _count && pool[_order[_lastFound]].Contains(address)) return _lastFound;
        int position = FirstEndingAfter(pool, address);
        if (position == _count || pool[_order[position]].First > address) return -1;
        return _lastFound = position;
    }

    /// <summary>
    /// Position of the first region whose end is beyond the address; the count if none.
    /// </summary>
    public int FirstEndingAfter(RegionPool pool, ulong address)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pool[_order[middle]].End <= address) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public bool IsFree(RegionPool pool, ulong first, ulong end)
    {
        int position = FirstEndingAfter(pool, first);
        return position == _count || pool[_order[position]].First >= end;
    }

    /// <summary>True when regions cover the span without a hole.</summary>
    public bool IsCovered(RegionPool pool, ulong first, ulong end)
    {
        for (int i = FirstEndingAfter(pool, first); i < _count && first < end; i++)
        {
            ref Region region = ref pool[_order[i]];
            if (region.First > first) return false;
            first = region.End;
        }

        return first >= end;
    }

    /// <summary>The highest free span of the length within the bounds, or 0.</summary>
    public ulong FindGapBelow(RegionPool pool, ulong lowest, ulong highest, ulong lengthBytes)
    {
        ulong top = highest;
        int i = FirstEndingAfter(pool, highest - 1);
        if (i < _count) top = Math.Min(top, pool[_order[i]].First);
        for (i--; ; i--)
        {
            ulong bottom = i < 0 ? lowest : Math.Max(lowest, pool[_order[i]].End);
            if (top > bottom && top - bottom >= lengthBytes) return top - lengthBytes;
            if (i < 0 || pool[_order[i]].First <= lowest) return 0;
            top = pool[_order[i]].First;
        }
    }

    /// <summary>True when this many more regions can be made.</summary>
    public bool HasRoomFor(RegionPool pool, int regions) =>
        _count + regions <= Limits.RegionsPerProcess && pool.FreeCount >= regions;

    /// <summary>Adds a region to a free span; the caller has asked HasRoomFor(1).</summary>
    public void Insert(RegionPool pool, in Region region)
    {
        int position = FirstEndingAfter(pool, region.First);
        InsertAt(pool, position, region);
        MergeAround(pool, position, position);
    }

    /// <summary>
    /// The same regions as the other space, in one that has none. False: no room for them.
    /// </summary>
    public bool TryCopyFrom(RegionPool pool, AddressSpace other)
    {
        if (!HasRoomFor(pool, other._count)) return false;
        for (; _count < other._count; _count++)
        {
            ushort index = pool.Take();
            ref Region region = ref pool[index];
            region = pool[other._order[_count]];
            if (region.Object is not null) region.Object.Mappings++;
            _order[_count] = index;
        }

        return true;
    }

    /// <summary>
    /// Splits so that a region boundary lies at both addresses, and says which positions are
    /// within. The caller has asked HasRoomFor(2) and must end with MergeAround or RemoveRange.
    /// </summary>
    public (int First, int End) Isolate(RegionPool pool, ulong first, ulong end)
    {
        SplitAt(pool, first);
        SplitAt(pool, end);
        int last = FirstEndingAfter(pool, end - 1);
        bool isInside = last < _count && pool[_order[last]].First < end;
        return (FirstEndingAfter(pool, first), isInside ? last + 1 : last);
    }

    private void SplitAt(RegionPool pool, ulong address)
    {
        int position = FirstEndingAfter(pool, address);
        if (position == _count || pool[_order[position]].First >= address) return;
        ref Region left = ref pool[_order[position]];
        Region right = left;
        right.Offset += address - left.First;
        right.First = address;
        left.End = address;
        if (right.Object is not null) right.Object.Mappings++;
        InsertAt(pool, position + 1, right);
    }

    /// <summary>
    /// Merges equal neighbours from just before the first to just after the last.
    /// </summary>
    public void MergeAround(RegionPool pool, int first, int last)
    {
        int position = Math.Max(first - 1, 0);
        for (int left = last - position + 1; left > 0 && position + 1 < _count; left--)
        {
            ref Region one = ref pool[_order[position]];
            ref Region next = ref pool[_order[position + 1]];
            if (!one.CanMergeWith(next))
            {
                position++;
                continue;
            }

            one.End = next.End;
            // Two regions kept the object alive; one remains, so this never frees it.
            if (next.Object is not null) next.Object.Mappings--;
            RemoveAt(pool, position + 1);
        }
    }

    private void InsertAt(RegionPool pool, int position, in Region region)
    {
        ushort index = pool.Take();
        pool[index] = region;
        Array.Copy(_order, position, _order, position + 1, _count - position);
        _order[position] = index;
        _count++;
    }

    /// <summary>
    /// Drops the record only: its pages and its hold on an object are the caller's.
    /// </summary>
    public void RemoveAt(RegionPool pool, int position)
    {
        pool.Release(_order[position]);
        _count--;
        Array.Copy(_order, position + 1, _order, position, _count - position);
    }
}

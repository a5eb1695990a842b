// Arithmetic on ranges of physical memory, for the boot. Pure.
//
// What comes in is what a firmware has said: in any order, overlapping, not on pages. What goes out
// is ascending, without overlap, in whole pages, and below PhysicalEnd.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace CosmosKernel.Boot;

public static class RamMap
{
    /// <summary>More is not mapped; Platform.cs has one table for it.</summary>
    public const ulong PhysicalEnd = 512ul << 30;

    private const ulong PageMask = Limits.PageBytes - 1;

    /// <summary>The pages that lie wholly in what is given; ranges that touch become one.</summary>
    public static RamRange[] WholePages(IEnumerable<RamRange> ranges)
    {
        var ascending = new List<RamRange>(ranges);
        ascending.Sort(static (one, other) => one.PhysicalFirst.CompareTo(other.PhysicalFirst));
        var result = new List<RamRange>();
        ulong first = 0, end = 0;
        foreach (RamRange range in ascending)
        {
            if (range.PhysicalFirst >= PhysicalEnd) break;
            ulong rangeEnd = range.PhysicalFirst
                + Math.Min(range.LengthBytes, PhysicalEnd - range.PhysicalFirst);
            if (range.PhysicalFirst > end)
            {
                AddPages(result, first, end);
                first = range.PhysicalFirst;
            }
            end = Math.Max(end, rangeEnd);
        }
        AddPages(result, first, end);
        return [.. result];
    }

    /// <summary>The ranges, which WholePages has made, without each page that is taken.</summary>
    public static RamRange[] Without(RamRange[] ranges, IEnumerable<RamRange> taken)
    {
        var left = new List<RamRange>(ranges);
        foreach (RamRange hole in taken)
        {
            if (hole.LengthBytes == 0) continue;
            ulong first = hole.PhysicalFirst & ~PageMask;
            ulong end = (hole.PhysicalEnd + PageMask) & ~PageMask;
            var next = new List<RamRange>();
            foreach (RamRange range in left)
            {
                AddPages(next, range.PhysicalFirst, Math.Min(range.PhysicalEnd, first));
                AddPages(next, Math.Max(range.PhysicalFirst, end), range.PhysicalEnd);
            }
            left = next;
        }
        return [.. left];
    }

    private static void AddPages(List<RamRange> ranges, ulong first, ulong end)
    {
        first = (first + PageMask) & ~PageMask;
        end &= ~PageMask;
        if (first < end) ranges.Add(new RamRange(first, end - first));
    }
}

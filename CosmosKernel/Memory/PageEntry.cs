// One entry of an x86-64 page table, and what the kernel notes in its spare bits.
//
// An entry that is not zero and not present keeps its frame: the page was made inaccessible, and
// its contents stay. Entries without User belong to the kernel's part and are never followed here.

namespace CosmosKernel.Memory;

public static class PageEntry
{
    public const ulong Present = 1 << 0;
    public const ulong Writable = 1 << 1;
    public const ulong User = 1 << 2;
    public const ulong NoCache = 1 << 4 | 1 << 3;
    /// <summary>
    /// Spare bit: the frame is the process's own, charged to it, released with it.
    /// </summary>
    public const ulong Owned = 1 << 9;
    /// <summary>
    /// Spare bit, in a template: the first copy has written the page, so the next get their own.
    /// </summary>
    public const ulong WrittenByCopies = 1 << 10;
    public const ulong NoExecute = 1UL << 63;
    public const ulong FrameMask = 0x000F_FFFF_FFFF_F000;

    public const ulong Table = Present | Writable | User;
    public const ulong TableMask = Present | User;

    /// <summary>Bits that a protection asks for; none of them when nothing is allowed.</summary>
    public static ulong FlagsOf(Protection protection)
    {
        if (protection == Protection.None) return 0;
        ulong flags = Present | User;
        if ((protection & Protection.Write) != 0) flags |= Writable;
        if ((protection & Protection.Execute) == 0) flags |= NoExecute;
        return flags;
    }
}

/// <summary>
/// Which entries of a table may be used, in spare bits of the entry that leads to it: most tables
/// have a few side by side, and who copies or clears one need not look at the rest.
/// </summary>
/// <remarks>
/// A range grows with what FindOrMake is asked for, and goes with its table. In units of 16
/// entries: bits 57 to 61 are the last one, bits 52 to 56 how far the first one is from the end, so
/// that zero is an empty range. The processor ignores both (Intel SDM 3A, table 4-20).
/// </remarks>
public static class TableRange
{
    const int UnitShift = 4, FirstShift = 52, LastShift = 57;
    /// <summary>Entries of a unit; a window of PageFaults is one.</summary>
    public const int UnitEntries = 1 << UnitShift;
    const ulong Mask = PageTables.EntriesPerTable / UnitEntries - 1;

    /// <summary>Not below End when nothing is used.</summary>
    public static int First(ulong leading) =>
        (int)(Mask - (leading >> FirstShift & Mask)) << UnitShift;

    public static int End(ulong leading) =>
        (int)(leading >> LastShift & Mask) + 1 << UnitShift;

    /// <summary>The leading entry, with a range that has the index.</summary>
    public static ulong With(ulong leading, int index)
    {
        ulong last = (ulong)index >> UnitShift, fromEnd = Mask - last;
        if ((leading >> FirstShift & Mask) < fromEnd)
            leading = leading & ~(Mask << FirstShift) | fromEnd << FirstShift;
        if ((leading >> LastShift & Mask) < last)
            leading = leading & ~(Mask << LastShift) | last << LastShift;
        return leading;
    }
}

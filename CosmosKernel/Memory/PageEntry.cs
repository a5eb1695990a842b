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

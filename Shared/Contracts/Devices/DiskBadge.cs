// Which disk or partition a capability of a disk driver's endpoint stands for (decision 0030).

using Shared.Abi;

namespace Shared.Contracts.Devices;

/// <summary>Minted by the supervisor, read by the driver; no question is asked for it.</summary>
public readonly record struct DiskBadge(uint Unit, uint Partition)
{
    private const ulong Mark = 1UL << 62;
    private const ulong ListMark = 1UL << 61;
    public const uint MaxUnit = 255, MaxPartition = 255;

    /// <summary>May look at all disks of the driver (IDiskDriver), and touch none.</summary>
    public static readonly Badge List = new(ListMark);

    public Badge Badge => new(Mark | (ulong)Unit << 8 | Partition);

    /// <summary>Null for a badge that is none of a disk.</summary>
    public static DiskBadge? Of(Badge badge)
    {
        bool isDisk = (badge.Value & ~0xFFFFUL) == Mark;
        return isDisk
            ? new DiskBadge((uint)(badge.Value >> 8) & 0xFF, (uint)badge.Value & 0xFF)
            : null;
    }
}

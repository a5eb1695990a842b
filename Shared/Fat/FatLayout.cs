// Where everything of a FAT volume lies, as its boot sector says. BootSector makes and checks it.
//
// Rules: offsets are in bytes from the volume's first byte; clusters are numbered from 2 to
// MaxCluster. "FAT x" in comments is a section or page of Microsoft's "FAT: General Overview of
// On-Disk Format", version 1.03 (fatgen103).

namespace Shared.Fat;

public enum FatKind { Fat12, Fat16, Fat32 }

public sealed record FatLayout
{
    public const uint FirstCluster = 2;

    public required FatKind Kind { get; init; }
    public required uint SectorBytes { get; init; }
    public required uint ClusterBytes { get; init; }
    public required uint ReservedSectors { get; init; }
    /// <summary>Copies of the FAT; all are written unless IsMirrored is false.</summary>
    public required uint FatCount { get; init; }
    public required ulong FatBytes { get; init; }
    /// <summary>The copy that is read; 0 where copies mirror each other (FAT p. 12).</summary>
    public uint ActiveFat { get; init; }
    public bool IsMirrored { get; init; } = true;
    /// <summary>Of FAT12 and FAT16; 0 for FAT32, whose root is a chain of clusters.</summary>
    public required uint RootEntries { get; init; }
    public uint RootCluster { get; init; }
    public required ulong TotalSectors { get; init; }
    public required uint ClusterCount { get; init; }
    /// <summary>Sector of FSInfo; 0 when there is none.</summary>
    public uint InfoSector { get; init; }
    public uint VolumeId { get; init; }
    public byte Media { get; init; } = 0xF8;

    public uint MaxCluster => FirstCluster + ClusterCount - 1;
    public ulong FatStart => (ulong)ReservedSectors * SectorBytes;
    public ulong RootStart => FatStart + FatCount * FatBytes;
    public ulong RootBytes => (ulong)RootEntries * 32;
    public ulong DataStart => RootStart + RootBytes;
    public ulong DataBytes => (ulong)ClusterCount * ClusterBytes;

    /// <summary>
    /// The byte of the boot sector whose bit 0 says that the volume was not left clean (what
    /// fatgen103 calls BS_Reserved1; NT, Linux and fsck.fat agree on it).
    /// </summary>
    public int StateOffset => Kind == FatKind.Fat32 ? 65 : 37;

    public ulong ClusterStart(uint cluster) =>
        DataStart + (ulong)(cluster - FirstCluster) * ClusterBytes;

    public bool IsCluster(uint number) => number >= FirstCluster && number <= MaxCluster;

    /// <summary>Clusters that so many bytes take.</summary>
    public uint ClustersOf(ulong bytes) => (uint)((bytes + ClusterBytes - 1) / ClusterBytes);
}

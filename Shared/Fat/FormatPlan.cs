// Decides how a new volume is laid out: kind, clusters, FATs (FAT p. 14 and 19 to 21).
//
// Rules: a pure function of the disk's size and of what was asked for. The number of clusters is
// never near the limits between kinds, where systems disagree.

using System;
using Shared.Contracts;

namespace Shared.Fat;

public sealed record FormatOptions
{
    /// <summary>Null: by the size.</summary>
    public FatKind? Kind { get; init; }
    /// <summary>0: by the size.</summary>
    public uint ClusterBytes { get; init; }
    /// <summary>Up to 11 characters of a short name; empty: none.</summary>
    public string Label { get; init; } = "";
    public uint VolumeId { get; init; }
    /// <summary>Nanoseconds since 1970.</summary>
    public ulong NowNs { get; init; }
}

public static class FormatPlan
{
    private const uint MaxClusterBytes = 32 * 1024;
    private const ulong MiB = 1024 * 1024, GiB = 1024 * MiB;
    /// <summary>Clusters that each kind may have, with a distance to its neighbours.</summary>
    private const uint MaxFat12 = 4084 - 16, MinFat16 = 4085 + 16, MaxFat16 = 65_524 - 16;
    private const uint MinFat32 = 65_525 + 16, MaxFat32 = 0x0FFF_FFF5 - 16;
    private const uint Fat32Reserved = 32;
    private const uint Fats = 2;

    /// <summary>The layout; null when no volume of this kind fits the disk.</summary>
    public static FatLayout? Make(BlockGeometry disk, FormatOptions options)
    {
        ulong bytes = disk.Blocks * disk.BlockBytes;
        FatKind kind = options.Kind ?? KindFor(bytes);
        uint least = Math.Max(disk.BlockBytes, 512u);
        uint first = options.ClusterBytes != 0 ? options.ClusterBytes : ClusterFor(kind, bytes);
        first = Math.Max(first, least);
        return Search(disk, kind, first, options, isGrowing: null);
    }

    /// <summary>Larger clusters while there are too many, smaller ones while too few.</summary>
    private static FatLayout? Search(
        BlockGeometry disk, FatKind kind, uint cluster, FormatOptions options, bool? isGrowing)
    {
        FatLayout layout = Lay(disk, kind, cluster, options);
        (uint min, uint max) = Limits(kind);
        if (layout.ClusterCount >= min && layout.ClusterCount <= max) return layout;
        bool isMany = layout.ClusterCount > max;
        uint next = isMany ? cluster * 2 : cluster / 2;
        bool isPossible = options.ClusterBytes == 0 && next <= MaxClusterBytes
            && next >= disk.BlockBytes && (isGrowing ?? isMany) == isMany;
        return isPossible ? Search(disk, kind, next, options, isMany) : null;
    }

    private static FatKind KindFor(ulong bytes) => bytes switch
    {
        <= 4 * MiB => FatKind.Fat12,
        < 512 * MiB => FatKind.Fat16,
        _ => FatKind.Fat32,
    };

    private static uint ClusterFor(FatKind kind, ulong bytes) => kind switch
    {
        FatKind.Fat12 => 1024,
        FatKind.Fat16 when bytes <= 16 * MiB => 1024,
        FatKind.Fat16 when bytes <= 128 * MiB => 2048,
        FatKind.Fat16 when bytes <= 256 * MiB => 4096,
        FatKind.Fat16 when bytes <= 512 * MiB => 8192,
        FatKind.Fat16 => 16 * 1024,
        _ when bytes <= 260 * MiB => 512,
        _ when bytes <= 8 * GiB => 4096,
        _ when bytes <= 16 * GiB => 8192,
        _ when bytes <= 32 * GiB => 16 * 1024,
        _ => 32 * 1024,
    };

    private static (uint Min, uint Max) Limits(FatKind kind) => kind switch
    {
        FatKind.Fat12 => (1, MaxFat12),
        FatKind.Fat16 => (MinFat16, MaxFat16),
        _ => (MinFat32, MaxFat32),
    };

    private static FatLayout Lay(
        BlockGeometry disk, FatKind kind, uint clusterBytes, FormatOptions options)
    {
        uint sectorBytes = disk.BlockBytes;
        ulong sectors = Math.Min(disk.Blocks, uint.MaxValue);
        uint perSector = sectorBytes / 32;
        uint rootEntries = kind switch { FatKind.Fat12 => 224, FatKind.Fat16 => 512, _ => 0u };
        rootEntries = (rootEntries + perSector - 1) / perSector * perSector;
        FatLayout layout = new()
        {
            Kind = kind,
            SectorBytes = sectorBytes,
            ClusterBytes = clusterBytes,
            ReservedSectors = kind == FatKind.Fat32 ? Fat32Reserved : 1,
            FatCount = Fats,
            FatBytes = 0,
            RootEntries = rootEntries,
            RootCluster = kind == FatKind.Fat32 ? FatLayout.FirstCluster : 0,
            TotalSectors = sectors,
            ClusterCount = 0,
            InfoSector = kind == FatKind.Fat32 ? 1u : 0,
            VolumeId = options.VolumeId,
        };
        // The larger the FAT, the fewer clusters it must have entries for.
        for (ulong fatSectors = 1; ; fatSectors++)
        {
            layout = layout with { FatBytes = fatSectors * sectorBytes };
            ulong volumeBytes = sectors * sectorBytes;
            ulong count = volumeBytes > layout.DataStart
                ? (volumeBytes - layout.DataStart) / clusterBytes : 0;
            ulong needed = SectorsFor(kind, count + FatLayout.FirstCluster, sectorBytes);
            if (needed <= fatSectors)
            {
                return layout with { ClusterCount = (uint)Math.Min(count, uint.MaxValue) };
            }
            // Halfway there at once, so that a large volume takes few steps.
            fatSectors += (needed - fatSectors) / 2;
        }
    }

    private static ulong SectorsFor(FatKind kind, ulong entries, uint sectorBytes)
    {
        ulong bytes = kind switch
        {
            FatKind.Fat12 => (entries * 3 + 1) / 2,
            FatKind.Fat16 => entries * 2,
            _ => entries * 4,
        };
        return (bytes + sectorBytes - 1) / sectorBytes;
    }
}

// Reads the boot sector of a volume: all that must be true of it before anything else is believed.
//
// Rules: never throws, whatever the bytes are; what cannot be right is refused with one line that
// says why. FAT p. 7 to 16.

using System;
using System.Buffers.Binary;
using Shared.Contracts;

namespace Shared.Fat;

public static class BootSector
{
    public const int Bytes = 512;
    /// <summary>Largest cluster that is known to exist in the wild.</summary>
    private const uint MaxClusterBytes = 64 * 1024;
    private const uint MaxFat12Clusters = 4084, MaxFat16Clusters = 65_524;
    private const uint MaxFat32Clusters = 0x0FFF_FFF5;
    private const int MaxFats = 4;

    /// <summary>The layout, or null and the reason.</summary>
    public static FatLayout? Parse(
        ReadOnlySpan<byte> sector, BlockGeometry disk, out string reason)
    {
        reason = CheckSizes(sector, disk);
        if (reason.Length != 0) return null;
        uint sectorBytes = U16(sector, 11);
        uint fatSectors = U16(sector, 22);
        bool isFat32 = fatSectors == 0;
        if (isFat32) fatSectors = U32(sector, 36);
        ulong totalSectors = U16(sector, 19);
        if (totalSectors == 0) totalSectors = U32(sector, 32);
        FatLayout layout = new()
        {
            Kind = isFat32 ? FatKind.Fat32 : FatKind.Fat16,
            SectorBytes = sectorBytes,
            ClusterBytes = sectorBytes * sector[13],
            ReservedSectors = U16(sector, 14),
            FatCount = sector[16],
            FatBytes = (ulong)fatSectors * sectorBytes,
            RootEntries = U16(sector, 17),
            TotalSectors = totalSectors,
            ClusterCount = 0,
            Media = sector[21],
            VolumeId = U32(sector, isFat32 ? 67 : 39),
        };
        reason = CheckRegions(layout, disk);
        if (reason.Length != 0) return null;
        layout = CountClusters(layout);
        if (isFat32) layout = ReadFat32(layout, sector);
        reason = CheckClusters(layout, sector);
        return reason.Length == 0 ? layout : null;
    }

    private static string CheckSizes(ReadOnlySpan<byte> sector, BlockGeometry disk)
    {
        if (U16(sector, 510) != 0xAA55) return "no boot sector signature";
        uint sectorBytes = U16(sector, 11);
        bool isSector = sectorBytes is 512 or 1024 or 2048 or 4096;
        if (!isSector) return $"sectors of {sectorBytes} bytes";
        if (sectorBytes < disk.BlockBytes)
        {
            return $"sectors of {sectorBytes} bytes on a disk of {disk.BlockBytes}";
        }
        uint perCluster = sector[13];
        bool isPower = perCluster != 0 && (perCluster & perCluster - 1) == 0;
        if (!isPower) return $"clusters of {perCluster} sectors";
        if (perCluster * sectorBytes > MaxClusterBytes) return "clusters of more than 64 KiB";
        if (U16(sector, 14) == 0) return "no reserved sectors";
        if (sector[16] is 0 or > MaxFats) return $"{sector[16]} copies of the FAT";
        uint rootBytes = U16(sector, 17) * 32u;
        if (rootBytes % sectorBytes != 0) return "root directory of a part of a sector";
        return "";
    }

    private static string CheckRegions(FatLayout layout, BlockGeometry disk)
    {
        if (layout.FatBytes == 0) return "no FAT";
        if (layout.TotalSectors == 0) return "volume of no sectors";
        if (layout.TotalSectors * layout.SectorBytes > disk.Blocks * disk.BlockBytes)
        {
            return "volume is larger than its disk";
        }
        bool isRootGood = layout.Kind == FatKind.Fat32 == (layout.RootEntries == 0);
        if (!isRootGood) return $"root directory of {layout.RootEntries} entries";
        ulong volumeBytes = layout.TotalSectors * layout.SectorBytes;
        bool hasData = layout.DataStart + layout.ClusterBytes <= volumeBytes;
        return hasData ? "" : "no room for data";
    }

    /// <summary>FAT p. 14; a FAT that is too short for all clusters bounds them, too.</summary>
    private static FatLayout CountClusters(FatLayout layout)
    {
        ulong dataBytes = layout.TotalSectors * layout.SectorBytes - layout.DataStart;
        ulong count = dataBytes / layout.ClusterBytes;
        FatKind kind = layout.Kind;
        if (kind != FatKind.Fat32 && count <= MaxFat12Clusters) kind = FatKind.Fat12;
        ulong entries = kind switch
        {
            FatKind.Fat12 => layout.FatBytes * 2 / 3,
            FatKind.Fat16 => layout.FatBytes / 2,
            _ => layout.FatBytes / 4,
        };
        ulong usable = entries > FatLayout.FirstCluster ? entries - FatLayout.FirstCluster : 0;
        count = Math.Min(count, usable);
        return layout with { Kind = kind, ClusterCount = (uint)Math.Min(count, uint.MaxValue) };
    }

    private static FatLayout ReadFat32(FatLayout layout, ReadOnlySpan<byte> sector)
    {
        uint flags = U16(sector, 40), info = U16(sector, 48);
        bool isMirrored = (flags & 0x80) == 0;
        return layout with
        {
            IsMirrored = isMirrored,
            ActiveFat = isMirrored ? 0 : flags & 0xF,
            RootCluster = U32(sector, 44),
            InfoSector = info != 0 && info < layout.ReservedSectors ? info : 0,
        };
    }

    private static string CheckClusters(FatLayout layout, ReadOnlySpan<byte> sector)
    {
        if (layout.ClusterCount == 0) return "no clusters";
        if (layout.Kind == FatKind.Fat16 && layout.ClusterCount > MaxFat16Clusters)
        {
            return "too many clusters for FAT16";
        }
        if (layout.Kind != FatKind.Fat32) return "";
        if (layout.ClusterCount > MaxFat32Clusters) return "too many clusters for FAT32";
        if (U16(sector, 42) != 0) return "FAT32 of an unknown version";
        if (layout.ActiveFat >= layout.FatCount) return "active FAT is not there";
        return layout.IsCluster(layout.RootCluster) ? "" : "root directory outside of the volume";
    }

    private static uint U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}

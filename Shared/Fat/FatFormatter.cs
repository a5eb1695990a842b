// Makes an empty FAT volume of a disk: what `mkfs.fat` does.
//
// Rules: everything that was there is lost. The boot sector comes last, so a format that is cut
// leaves no volume that could be mounted.

using System;
using System.Buffers.Binary;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Shared.Fat;

public static class FatFormatter
{
    private const uint BackupSector = 6;
    private const int MaxSectors16 = 0xFFFF;

    /// <summary>
    /// Ok, or: NoSpace when such a volume does not fit, InvalidName for a bad label, ReadOnly.
    /// A failing disk is a DiskException.
    /// </summary>
    public static Status Format(IDisk disk, FormatOptions options)
    {
        if (disk.IsReadOnly) return Status.ReadOnly;
        if (!IsLabel(options.Label)) return Status.InvalidName;
        if (FormatPlan.Make(disk.Geometry, options) is not { } layout) return Status.NoSpace;
        Erase(disk, layout);
        WriteFats(disk, layout);
        if (options.Label.Length != 0) WriteLabel(disk, layout, options);
        if (layout.InfoSector != 0)
        {
            byte[] info = MakeInfo(layout);
            disk.Write(layout.InfoSector, info);
            disk.Write(BackupSector + layout.InfoSector, info);
        }
        byte[] boot = MakeBoot(layout, options.Label);
        if (layout.Kind == FatKind.Fat32) disk.Write(BackupSector, boot);
        disk.Flush();
        disk.Write(0, boot);
        disk.Flush();
        return Status.Ok;
    }

    /// <summary>Everything up to the data, and the root directory.</summary>
    private static void Erase(IDisk disk, FatLayout layout)
    {
        ulong end = layout.DataStart;
        if (layout.RootCluster != 0) end += layout.ClusterBytes;
        ulong block = 0, blocks = end / disk.Geometry.BlockBytes;
        byte[] zeros = new byte[BlockGeometry.MaxStepBytes];
        while (block < blocks)
        {
            ulong count = Math.Min(blocks - block, (uint)zeros.Length / disk.Geometry.BlockBytes);
            disk.Write(block, zeros.AsSpan(0, (int)(count * disk.Geometry.BlockBytes)));
            block += count;
        }
    }

    /// <summary>The first two entries are no clusters' (FAT p. 17 and 18).</summary>
    private static void WriteFats(IDisk disk, FatLayout layout)
    {
        byte[] first = new byte[layout.SectorBytes];
        ReadOnlySpan<byte> entries = layout.Kind switch
        {
            FatKind.Fat12 => [layout.Media, 0xFF, 0xFF],
            FatKind.Fat16 => [layout.Media, 0xFF, 0xFF, 0xFF],
            // The third is the root directory, of one cluster.
            _ => [layout.Media, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F, 0xFF, 0xFF, 0xFF, 0x0F],
        };
        entries.CopyTo(first);
        for (uint copy = 0; copy < layout.FatCount; copy++)
        {
            disk.Write((layout.FatStart + copy * layout.FatBytes) / layout.SectorBytes, first);
        }
    }

    private static void WriteLabel(IDisk disk, FatLayout layout, FormatOptions options)
    {
        byte[] block = new byte[layout.SectorBytes];
        WriteLabelName(block, options.Label);
        block[11] = (byte)FatAttributes.VolumeLabel;
        RawEntry.SetModified(block, FatTime.Of(options.NowNs));
        ulong at = layout.RootCluster != 0
            ? layout.ClusterStart(layout.RootCluster) : layout.RootStart;
        disk.Write(at / layout.SectorBytes, block);
    }

    private static byte[] MakeBoot(FatLayout layout, string label)
    {
        byte[] boot = new byte[layout.SectorBytes];
        bool isFat32 = layout.Kind == FatKind.Fat32;
        ReadOnlySpan<byte> jump = isFat32 ? [0xEB, 0x58, 0x90] : [0xEB, 0x3C, 0x90];
        jump.CopyTo(boot);
        "MSWIN4.1"u8.CopyTo(boot.AsSpan(3));
        Put16(boot, 11, layout.SectorBytes);
        boot[13] = (byte)(layout.ClusterBytes / layout.SectorBytes);
        Put16(boot, 14, layout.ReservedSectors);
        boot[16] = (byte)layout.FatCount;
        Put16(boot, 17, layout.RootEntries);
        bool isSmall = !isFat32 && layout.TotalSectors <= MaxSectors16;
        Put16(boot, 19, isSmall ? (uint)layout.TotalSectors : 0);
        boot[21] = layout.Media;
        uint fatSectors = (uint)(layout.FatBytes / layout.SectorBytes);
        Put16(boot, 22, isFat32 ? 0 : fatSectors);
        Put16(boot, 24, 32);
        Put16(boot, 26, 64);
        Put32(boot, 32, isSmall ? 0 : (uint)layout.TotalSectors);
        if (isFat32)
        {
            Put32(boot, 36, fatSectors);
            Put32(boot, 44, layout.RootCluster);
            Put16(boot, 48, layout.InfoSector);
            Put16(boot, 50, BackupSector);
        }
        WriteTail(boot.AsSpan(isFat32 ? 64 : 36), layout, label);
        Put16(boot, 510, 0xAA55);
        return boot;
    }

    /// <summary>The fields that lie elsewhere on FAT32 (FAT p. 11 and 12).</summary>
    private static void WriteTail(Span<byte> tail, FatLayout layout, string label)
    {
        tail[0] = 0x80;
        tail[2] = 0x29;
        BinaryPrimitives.WriteUInt32LittleEndian(tail[3..], layout.VolumeId);
        WriteLabelName(tail[7..], label.Length == 0 ? "NO NAME" : label);
        ReadOnlySpan<byte> kind = layout.Kind switch
        {
            FatKind.Fat12 => "FAT12   "u8,
            FatKind.Fat16 => "FAT16   "u8,
            _ => "FAT32   "u8,
        };
        kind.CopyTo(tail[18..]);
    }

    private static byte[] MakeInfo(FatLayout layout)
    {
        byte[] info = new byte[layout.SectorBytes];
        Put32(info, 0, 0x4161_5252);
        Put32(info, 484, 0x6141_7272);
        Put32(info, 488, layout.ClusterCount - 1);
        Put32(info, 492, layout.RootCluster);
        Put32(info, 508, 0xAA55_0000);
        return info;
    }

    private static bool IsLabel(string label)
    {
        if (label.Length > RawEntry.NameBytes || !Ascii.IsValid(label)) return false;
        return label.AsSpan().IndexOfAnyInRange('\0', '\x1F') < 0
            && !label.AsSpan().ContainsAny("\"*+,./:;<=>?[\\]|") && !label.StartsWith(' ');
    }

    private static void WriteLabelName(Span<byte> target, string label)
    {
        target[..RawEntry.NameBytes].Fill((byte)' ');
        Encoding.ASCII.GetBytes(label.ToUpperInvariant(), target);
    }

    private static void Put16(byte[] bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), (ushort)value);

    private static void Put32(byte[] bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
}

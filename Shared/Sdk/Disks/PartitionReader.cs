// Reads the partition table of a disk: a GPT if its protective MBR names one, else an MBR.
//
// Bytes from outside. Rules: a partition that is empty, begins before the table's end or reaches
// beyond the disk is left out; the chain of logical partitions is walked forwards only, and has a
// bound; no more than DiskBadge.MaxPartition are told.

using System;
using System.Collections.Generic;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Shared.Sdk.Disks;

/// <summary>Reads whole blocks; false when the disk cannot.</summary>
public delegate bool BlockReader(ulong firstBlock, Span<byte> target);

public static class PartitionReader
{
    private const int FirstEntry = 446, EntryBytes = 16, EntryCount = 4, Signature = 510;
    private const byte Extended = 0x05, ExtendedLba = 0x0F, ExtendedLinux = 0x85;
    private const byte Protective = 0xEE;
    private const uint FirstLogical = 5, MaxLogical = 64;

    /// <summary>Null when a block of the table cannot be read.</summary>
    public static PartitionTable? Read(BlockGeometry geometry, BlockReader read)
    {
        byte[] block = new byte[geometry.BlockBytes];
        if (!read(0, block)) return null;
        if (!HasSignature(block)) return PartitionTable.Empty;
        for (int entry = 0; entry < EntryCount; entry++)
        {
            if (TypeOf(block, entry) == Protective) return GptReader.Read(geometry, read);
        }
        return LooksLikeVolume(block) ? PartitionTable.Empty : ReadMbr(geometry, read, block);
    }

    private static PartitionTable? ReadMbr(BlockGeometry geometry, BlockReader read, byte[] mbr)
    {
        List<Partition> found = [];
        ulong extended = 0;
        for (int entry = 0; entry < EntryCount; entry++)
        {
            byte type = TypeOf(mbr, entry);
            bool isExtended = type is Extended or ExtendedLba or ExtendedLinux;
            if (isExtended && extended == 0) extended = FirstOf(mbr, entry);
            if (isExtended || type == 0) continue;
            Add(found, geometry, (uint)entry + 1, FirstOf(mbr, entry), BlocksOf(mbr, entry));
        }
        bool isRead = extended == 0 || ReadLogical(found, geometry, read, extended);
        return isRead ? new PartitionTable(PartitionScheme.Mbr, found) : null;
    }

    /// <summary>Each block of the chain has a partition and where the next block is.</summary>
    private static bool ReadLogical(
        List<Partition> found, BlockGeometry geometry, BlockReader read, ulong extended)
    {
        byte[] block = new byte[geometry.BlockBytes];
        ulong at = extended;
        for (uint number = FirstLogical; number < FirstLogical + MaxLogical; number++)
        {
            if (at >= geometry.Blocks) return true;
            if (!read(at, block)) return false;
            if (!HasSignature(block)) return true;
            if (TypeOf(block, 0) != 0)
                Add(found, geometry, number, at + FirstOf(block, 0), BlocksOf(block, 0));
            ulong next = extended + FirstOf(block, 1);
            // Back is a loop, and so is here.
            if (TypeOf(block, 1) == 0 || next <= at) return true;
            at = next;
        }
        return true;
    }

    internal static void Add(
        List<Partition> found, BlockGeometry geometry, uint number, ulong first, ulong blocks)
    {
        bool isInside = first != 0 && blocks != 0 && first < geometry.Blocks
            && blocks <= geometry.Blocks - first;
        if (isInside && number <= DiskBadge.MaxPartition)
            found.Add(new Partition(number, first, blocks));
    }

    /// <summary>
    /// The boot block of a FAT or NTFS volume without a table has the same signature; where a table
    /// would be it has code. An entry's first byte is 0 or 0x80, and FAT's jump is at the front.
    /// </summary>
    private static bool LooksLikeVolume(ReadOnlySpan<byte> block)
    {
        for (int entry = 0; entry < EntryCount; entry++)
        {
            if ((block[FirstEntry + entry * EntryBytes] & 0x7F) != 0) return true;
        }
        bool isFat = block[54..].StartsWith("FAT"u8) || block[82..].StartsWith("FAT32"u8);
        return isFat && block[0] is 0xEB or 0xE9 && FirstOf(block, 0) == 0;
    }

    private static bool HasSignature(ReadOnlySpan<byte> block) =>
        block[Signature] == 0x55 && block[Signature + 1] == 0xAA;

    private static byte TypeOf(ReadOnlySpan<byte> block, int entry) =>
        block[FirstEntry + entry * EntryBytes + 4];

    private static ulong FirstOf(ReadOnlySpan<byte> block, int entry) =>
        BitConverter.ToUInt32(block[(FirstEntry + entry * EntryBytes + 8)..]);

    private static ulong BlocksOf(ReadOnlySpan<byte> block, int entry) =>
        BitConverter.ToUInt32(block[(FirstEntry + entry * EntryBytes + 12)..]);
}

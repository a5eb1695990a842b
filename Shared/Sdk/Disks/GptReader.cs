// Reads a GUID partition table; UEFI Specification 2.10, 5.3.
//
// Rules: header and entries count only when both checksums are right; the copy at the end of the
// disk is used when the first is damaged; sizes that no table has are damage.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO.Hashing;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Shared.Sdk.Disks;

internal static class GptReader
{
    private const int HeaderBytes = 92, ChecksumAt = 16;
    private const uint MinEntryBytes = 128, MaxEntryBytes = 4096, MaxEntries = 1024;

    /// <summary>Null when the disk cannot be read; empty when both tables are damaged.</summary>
    public static PartitionTable? Read(BlockGeometry geometry, BlockReader read)
    {
        bool isRead = true;
        foreach (ulong at in (ulong[])[1, geometry.Blocks - 1])
        {
            if (TryRead(geometry, read, at, ref isRead) is { } table) return table;
        }
        return isRead ? PartitionTable.Empty : null;
    }

    private static PartitionTable? TryRead(
        BlockGeometry geometry, BlockReader read, ulong at, ref bool isRead)
    {
        byte[] header = new byte[geometry.BlockBytes];
        if (at == 0 || at >= geometry.Blocks || !read(at, header))
        {
            isRead = false;
            return null;
        }
        uint entryBytes = Word(header, 84), entries = Word(header, 80);
        bool isHeader = header.AsSpan().StartsWith("EFI PART"u8) && IsWhole(header)
            && BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(24)) == at
            && entryBytes is >= MinEntryBytes and <= MaxEntryBytes && entryBytes % 8 == 0
            && entries is > 0 and <= MaxEntries;
        if (!isHeader) return null;
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(72));
        uint blockBytes = geometry.BlockBytes;
        ulong blocks = ((ulong)entries * entryBytes + blockBytes - 1) / blockBytes;
        if (first >= geometry.Blocks || blocks > geometry.Blocks - first) return null;
        byte[] bytes = new byte[blocks * blockBytes];
        if (!ReadSteps(read, first, bytes, blockBytes))
        {
            isRead = false;
            return null;
        }
        ReadOnlySpan<byte> array = bytes.AsSpan(0, (int)(entries * entryBytes));
        return Crc32.HashToUInt32(array) == Word(header, 88)
            ? Parse(geometry, array, (int)entryBytes)
            : null;
    }

    private static PartitionTable Parse(
        BlockGeometry geometry, ReadOnlySpan<byte> array, int entryBytes)
    {
        List<Partition> found = [];
        for (int number = 0; number < array.Length / entryBytes; number++)
        {
            ReadOnlySpan<byte> entry = array.Slice(number * entryBytes, entryBytes);
            if (entry[..16].IndexOfAnyExcept((byte)0) < 0) continue;
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            if (last < first || last == ulong.MaxValue) continue;
            PartitionReader.Add(found, geometry, (uint)number + 1, first, last - first + 1);
        }
        return new PartitionTable(PartitionScheme.Gpt, found);
    }

    /// <summary>The checksum is made with zero in its own place.</summary>
    private static bool IsWhole(byte[] header)
    {
        uint length = Word(header, 12);
        if (length < HeaderBytes || length > header.Length) return false;
        byte[] copy = header[..(int)length];
        copy.AsSpan(ChecksumAt, sizeof(uint)).Clear();
        return Crc32.HashToUInt32(copy) == Word(header, ChecksumAt);
    }

    private static bool ReadSteps(
        BlockReader read, ulong first, Span<byte> target, uint blockBytes)
    {
        while (!target.IsEmpty)
        {
            int step = Math.Min(target.Length, BlockGeometry.MaxStepBytes);
            if (!read(first, target[..step])) return false;
            first += (uint)step / blockBytes;
            target = target[step..];
        }
        return true;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}

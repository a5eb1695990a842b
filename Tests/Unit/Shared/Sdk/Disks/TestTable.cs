// A disk in memory on which a test writes partition tables.

using System;
using System.Buffers.Binary;
using System.IO.Hashing;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Tests.Unit.Shared.Sdk.Disks;

internal sealed class TestTable(int blocks = 4096, int blockBytes = 512)
{
    public const byte Linux = 0x83, Extended = 0x05, Protective = 0xEE;
    private const int Entries = 128, EntryBytes = 128;

    public byte[] Bytes { get; } = new byte[blocks * blockBytes];
    public BlockGeometry Geometry { get; } =
        new() { Blocks = (ulong)blocks, BlockBytes = (uint)blockBytes };
    /// <summary>Reads so far.</summary>
    public int Reads { get; private set; }
    /// <summary>This block cannot be read.</summary>
    public ulong BadBlock { get; set; } = ulong.MaxValue;

    public PartitionTable? Read() => PartitionReader.Read(Geometry, ReadBlocks);

    public void Mbr(ulong block, int entry, byte type, uint first, uint count)
    {
        Span<byte> table = Bytes.AsSpan((int)block * blockBytes);
        table[510] = 0x55;
        table[511] = 0xAA;
        Span<byte> at = table[(446 + entry * 16)..];
        at[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], count);
    }

    /// <summary>Both copies, with the partitions as numbers from 1.</summary>
    public void Gpt(params (ulong First, ulong Last)[] partitions)
    {
        Mbr(0, 0, Protective, 1, uint.MaxValue);
        byte[] array = new byte[Entries * EntryBytes];
        for (int number = 0; number < partitions.Length; number++)
        {
            if (partitions[number] == default) continue;
            Span<byte> entry = array.AsSpan(number * EntryBytes);
            entry[..16].Fill((byte)(number + 1));
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], partitions[number].First);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], partitions[number].Last);
        }
        int arrayBlocks = array.Length / blockBytes;
        WriteHeader(1, 2, array);
        WriteHeader((ulong)blocks - 1, (ulong)(blocks - 1 - arrayBlocks), array);
    }

    private void WriteHeader(ulong at, ulong arrayAt, byte[] array)
    {
        array.CopyTo(Bytes, (int)arrayAt * blockBytes);
        Span<byte> header = Bytes.AsSpan((int)at * blockBytes, 92);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], at);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], arrayAt);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], Entries);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], EntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.HashToUInt32(array));
        header[16..20].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.HashToUInt32(header));
    }

    public bool ReadBlocks(ulong first, Span<byte> target)
    {
        Reads++;
        ulong count = (ulong)target.Length / Geometry.BlockBytes;
        if (first > Geometry.Blocks || count > Geometry.Blocks - first)
            throw new InvalidOperationException($"read of {count} blocks at {first}");
        if (BadBlock >= first && BadBlock < first + count) return false;
        Bytes.AsSpan((int)first * blockBytes, target.Length).CopyTo(target);
        return true;
    }
}

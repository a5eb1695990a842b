// The file allocation table: for each cluster the next one of its chain, the end, or that it is
// free. Entries of 12, 16 and 28 bits look alike from outside (FAT p. 15 to 19).
//
// Rules: numbers are checked by whoever asks (FatLayout.IsCluster). Changes are made in one copy,
// in the cache; WriteBack keeps the others the same.

using System;
using Servers.FatFs.Caching;
using Shared.Fat;

namespace Servers.FatFs.Volumes;

internal sealed class FatTable(FatLayout layout, BlockCache cache)
{
    public const uint Free = 0;
    public const uint Bad = 0x0FFF_FFF7;
    /// <summary>Marks of an end are at or above this; End is what is written.</summary>
    public const uint FirstEnd = 0x0FFF_FFF8;
    public const uint End = 0x0FFF_FFFF;
    private const uint EntryMask32 = 0x0FFF_FFFF;

    private readonly ulong _start = layout.FatStart + layout.ActiveFat * layout.FatBytes;
    private readonly uint _blockBytes = (uint)cache.BlockBytes;

    public ulong FirstBlock => _start / _blockBytes;
    public ulong Blocks => layout.FatBytes / _blockBytes;

    public static bool IsEnd(uint value) => value >= FirstEnd;

    public uint Get(uint cluster) => Decode(cluster, isOnDisk: false);

    /// <summary>As Get, of what a power cut at this moment would leave.</summary>
    public uint OnDisk(uint cluster) => Decode(cluster, isOnDisk: true);

    /// <summary>The upper 4 bits of a FAT32 entry stay as they are (FAT p. 16).</summary>
    public void Set(uint cluster, uint value)
    {
        switch (layout.Kind)
        {
            case FatKind.Fat12:
                ulong at = _start + cluster + cluster / 2;
                uint pair = (uint)(GetByte(at, false) | GetByte(at + 1, false) << 8);
                pair = (cluster & 1) == 0
                    ? pair & 0xF000 | value & 0xFFF : pair & 0xF | (value & 0xFFF) << 4;
                SetByte(at, (byte)pair);
                SetByte(at + 1, (byte)(pair >> 8));
                break;
            case FatKind.Fat16:
                Span<byte> two = Entry(cluster, 2);
                BitConverter.TryWriteBytes(two, (ushort)value);
                break;
            default:
                Span<byte> four = Entry(cluster, 4);
                uint old = BitConverter.ToUInt32(four);
                BitConverter.TryWriteBytes(four, old & ~EntryMask32 | value & EntryMask32);
                break;
        }
    }

    /// <summary>The clusters, some of whose bits lie in a block of this table.</summary>
    public (uint First, uint Last) EntriesIn(ulong block)
    {
        ulong first = (block - FirstBlock) * _blockBytes, last = first + _blockBytes - 1;
        return layout.Kind switch
        {
            FatKind.Fat12 => ((uint)(first * 2 / 3), (uint)((last * 2 + 1) / 3)),
            FatKind.Fat16 => ((uint)(first / 2), (uint)(last / 2)),
            _ => ((uint)(first / 4), (uint)(last / 4)),
        };
    }

    /// <summary>The bytes of a block that hold bits of the entry, and which bits.</summary>
    public ReadOnlySpan<(int At, byte Mask)> BitsOf(uint cluster, ulong block)
    {
        (int, byte)[] bits = layout.Kind switch
        {
            FatKind.Fat12 when (cluster & 1) == 0 => [(0, 0xFF), (1, 0x0F)],
            FatKind.Fat12 => [(0, 0xF0), (1, 0xFF)],
            FatKind.Fat16 => [(0, 0xFF), (1, 0xFF)],
            _ => [(0, 0xFF), (1, 0xFF), (2, 0xFF), (3, 0x0F)],
        };
        ulong first = layout.Kind switch
        {
            FatKind.Fat12 => cluster + cluster / 2ul,
            FatKind.Fat16 => cluster * 2ul,
            _ => cluster * 4ul,
        };
        long start = (long)first - (long)((block - FirstBlock) * _blockBytes);
        int kept = 0;
        foreach ((int at, byte mask) in bits)
        {
            long inBlock = start + at;
            if (inBlock >= 0 && inBlock < _blockBytes) bits[kept++] = ((int)inBlock, mask);
        }
        return bits.AsSpan(0, kept);
    }

    private uint Decode(uint cluster, bool isOnDisk)
    {
        switch (layout.Kind)
        {
            case FatKind.Fat12:
                ulong at = _start + cluster + cluster / 2;
                int pair = GetByte(at, isOnDisk) | GetByte(at + 1, isOnDisk) << 8;
                uint value = (uint)((cluster & 1) == 0 ? pair & 0xFFF : pair >> 4);
                return value >= 0xFF7 ? value | 0x0FFF_F000 : value;
            case FatKind.Fat16:
                ulong at16 = _start + cluster * 2ul;
                value = BitConverter.ToUInt16(Block(at16, isOnDisk)[InBlock(at16)..]);
                return value >= 0xFFF7 ? value | 0x0FFF_0000 : value;
            default:
                ulong at32 = _start + cluster * 4ul;
                return BitConverter.ToUInt32(Block(at32, isOnDisk)[InBlock(at32)..]) & EntryMask32;
        }
    }

    private Span<byte> Entry(uint cluster, uint bytes)
    {
        ulong at = _start + (ulong)cluster * bytes;
        return cache.Change(at / _blockBytes, BlockClass.Fat)[InBlock(at)..];
    }

    private byte GetByte(ulong at, bool isOnDisk) => Block(at, isOnDisk)[InBlock(at)];

    private void SetByte(ulong at, byte value) =>
        cache.Change(at / _blockBytes, BlockClass.Fat)[InBlock(at)] = value;

    private ReadOnlySpan<byte> Block(ulong at, bool isOnDisk) => isOnDisk
        ? cache.OnDisk(at / _blockBytes) : cache.Read(at / _blockBytes);

    private int InBlock(ulong at) => (int)(at % _blockBytes);
}

// A disk in memory that takes memory only for blocks that were written; others read as zeros.
//
// Rules: a copy of a disk shares the blocks of its original, which must not change any more.

using System;
using System.Collections.Generic;
using System.IO;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Tests.Disks;

internal sealed class SparseDisk : IDisk
{
    private readonly SparseDisk? _original;
    private readonly Dictionary<ulong, byte[]> _blocks = [];

    public SparseDisk(ulong lengthBytes, uint blockBytes = 512, BlockFlags flags = BlockFlags.None)
    {
        Geometry = new BlockGeometry
        {
            Blocks = lengthBytes / blockBytes, BlockBytes = blockBytes, Flags = flags,
        };
    }

    private SparseDisk(SparseDisk original)
    {
        _original = original;
        Geometry = original.Geometry;
    }

    public BlockGeometry Geometry { get; set; }
    public long Reads { get; private set; }
    public long Writes { get; private set; }
    public long BlocksRead { get; private set; }
    public long Flushes { get; private set; }
    /// <summary>Numbers of the blocks that were ever written here.</summary>
    public IEnumerable<ulong> Written => _blocks.Keys;

    public SparseDisk Copy() => new(this);

    public void Read(ulong firstBlock, Span<byte> target)
    {
        int size = Check(firstBlock, target.Length);
        Reads++;
        for (int at = 0; at < target.Length; at += size, firstBlock++)
        {
            BlocksRead++;
            if (Find(firstBlock) is { } block) block.CopyTo(target[at..]);
            else target.Slice(at, size).Clear();
        }
    }

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source)
    {
        int size = Check(firstBlock, source.Length);
        if ((Geometry.Flags & BlockFlags.ReadOnly) != 0) throw new DiskException(Status.ReadOnly);
        Writes++;
        for (int at = 0; at < source.Length; at += size, firstBlock++)
        {
            if (!_blocks.TryGetValue(firstBlock, out byte[]? block))
            {
                _blocks.Add(firstBlock, block = new byte[size]);
            }
            source.Slice(at, size).CopyTo(block);
        }
    }

    public void Flush() => Flushes++;

    public byte[] ReadBytes(ulong offset, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            ulong at = offset + (ulong)i;
            bytes[i] = Find(at / Geometry.BlockBytes)?[at % Geometry.BlockBytes] ?? 0;
        }
        return bytes;
    }

    /// <summary>Changes bytes as no driver does: for damaged volumes.</summary>
    public void Poke(ulong offset, params ReadOnlySpan<byte> bytes)
    {
        byte[] block = new byte[Geometry.BlockBytes];
        foreach (byte value in bytes)
        {
            Read(offset / Geometry.BlockBytes, block);
            block[offset % Geometry.BlockBytes] = value;
            Write(offset / Geometry.BlockBytes, block);
            offset++;
        }
    }

    public static SparseDisk Load(string path, uint blockBytes = 512)
    {
        using FileStream file = File.OpenRead(path);
        SparseDisk disk = new((ulong)file.Length, blockBytes);
        byte[] block = new byte[disk.Geometry.BlockBytes];
        for (ulong number = 0; number < disk.Geometry.Blocks; number++)
        {
            file.ReadExactly(block);
            if (block.AsSpan().IndexOfAnyExcept((byte)0) >= 0) disk.Write(number, block);
        }
        return disk;
    }

    public void Save(string path)
    {
        using FileStream file = File.Create(path);
        file.SetLength((long)(Geometry.Blocks * Geometry.BlockBytes));
        for (SparseDisk? disk = this; disk is not null; disk = disk._original)
        {
            foreach (ulong number in disk._blocks.Keys)
            {
                file.Position = (long)(number * Geometry.BlockBytes);
                file.Write(Find(number));
            }
        }
    }

    private byte[]? Find(ulong block) =>
        _blocks.TryGetValue(block, out byte[]? found) ? found : _original?.Find(block);

    private int Check(ulong firstBlock, int lengthBytes)
    {
        uint size = Geometry.BlockBytes;
        bool isGood = lengthBytes > 0 && lengthBytes % size == 0
            && firstBlock < Geometry.Blocks
            && (ulong)lengthBytes / size <= Geometry.Blocks - firstBlock;
        if (!isGood) throw new DiskException(Status.BadArgument);
        return (int)size;
    }
}

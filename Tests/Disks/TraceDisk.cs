// A disk that remembers every block that was written, and every flush, in order: so a test can make
// the disk that a power cut at any moment would have left.
//
// What was written before the last flush is there; of what came after it, any blocks may be.

using System;
using System.Collections.Generic;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Tests.Disks;

internal sealed class TraceDisk(SparseDisk disk) : IDisk
{
    private readonly SparseDisk _start = disk.Copy();
    private readonly SparseDisk _now = disk.Copy();
    private readonly List<(ulong Block, byte[]? Bytes)> _events = [];

    public BlockGeometry Geometry => _now.Geometry;
    public SparseDisk Now => _now;
    /// <summary>Blocks written and flushes so far.</summary>
    public int Events => _events.Count;

    public void Read(ulong firstBlock, Span<byte> target) => _now.Read(firstBlock, target);

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source)
    {
        _now.Write(firstBlock, source);
        int size = (int)Geometry.BlockBytes;
        for (int at = 0; at < source.Length; at += size, firstBlock++)
        {
            _events.Add((firstBlock, source.Slice(at, size).ToArray()));
        }
    }

    public void Flush() => _events.Add((0, null));

    /// <summary>The disk after a power cut behind so many events.</summary>
    /// <param name="isKept">Whether a block survives that was not flushed.</param>
    public SparseDisk CutAt(int events, Func<bool> isKept)
    {
        int flushed = events;
        while (flushed > 0 && _events[flushed - 1].Bytes is not null) flushed--;
        SparseDisk left = _start.Copy();
        for (int i = 0; i < events; i++)
        {
            (ulong block, byte[]? bytes) = _events[i];
            if (bytes is not null && (i < flushed || isKept())) left.Write(block, bytes);
        }
        return left;
    }
}

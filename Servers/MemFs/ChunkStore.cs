// The bytes of all files: a fixed number of equal chunks, taken and released by id.
//
// Rules: the only place that owns file bytes, so that they can move to a vault whole. A taken chunk
// is all zeros. Whoever takes a chunk records it in a file or releases it. Memory that was used
// once is kept for the next taker: what the process uses never exceeds the quota.

using System;
using System.Collections.Generic;

namespace Servers.MemFs;

/// <summary>Index of a chunk in its store.</summary>
internal readonly record struct ChunkId(int Value);

internal sealed class ChunkStore
{
    public const int ChunkBytes = 4096;
    private const int ChunksPerSlab = 64;

    private readonly byte[]?[] _slabs;
    private readonly Stack<ChunkId> _released = new();
    private int _firstUnused;

    public ChunkStore(ulong quotaBytes)
    {
        TotalChunks = checked((int)(quotaBytes / ChunkBytes));
        _slabs = new byte[]?[(TotalChunks + ChunksPerSlab - 1) / ChunksPerSlab];
    }

    public int TotalChunks { get; }
    public int UsedChunks => _firstUnused - _released.Count;
    public int FreeChunks => TotalChunks - UsedChunks;

    /// <summary>The caller has seen that FreeChunks is not zero.</summary>
    public ChunkId Take()
    {
        if (_released.TryPop(out ChunkId id))
        {
            Bytes(id).Clear();
            return id;
        }
        if (_firstUnused == TotalChunks) throw new InvalidOperationException("no chunk is free");
        int slab = _firstUnused / ChunksPerSlab;
        _slabs[slab] ??= new byte[ChunksPerSlab * ChunkBytes];
        return new ChunkId(_firstUnused++);
    }

    public void Release(ChunkId id) => _released.Push(id);

    public Span<byte> Bytes(ChunkId id)
    {
        byte[] slab = _slabs[id.Value / ChunksPerSlab]!;
        return slab.AsSpan(id.Value % ChunksPerSlab * ChunkBytes, ChunkBytes);
    }
}

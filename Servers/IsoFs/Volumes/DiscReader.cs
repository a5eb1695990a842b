// The disc as a row of bytes, whatever its blocks are, through a small cache that reads ahead.
//
// Rules: memory is MaxChunks chunks and no more. A place beyond the end of the disc is damage: some
// record of the volume has said it. So is a request that needs too many records: what a volume says
// must not keep its server from answering in time.

using System;
using System.Collections.Generic;
using Shared.Sdk.Disks;

namespace Servers.IsoFs.Volumes;

internal sealed class DiscReader(IDisk disk)
{
    /// <summary>One step of a driver; a multiple of every size of block.</summary>
    private const int ChunkBytes = 64 * 1024;
    private const int MaxChunks = 24;
    /// <summary>Of one request: a directory of a hundred thousand names.</summary>
    private const long MaxRecordBytes = 48 * 1024 * 1024;
    /// <summary>What a look at a record costs, as if it were bytes.</summary>
    private const int CostOfLook = 64;

    private sealed class Chunk
    {
        public readonly byte[] Bytes = new byte[ChunkBytes];
        public ulong Number;
        public long LastUse;
    }

    private readonly List<Chunk> _chunks = [];
    private long _uses;
    private long _recordBytesLeft = MaxRecordBytes;

    public ulong LengthBytes { get; } = disk.Geometry.Blocks * disk.Geometry.BlockBytes;

    /// <summary>Before each request.</summary>
    public void StartRequest() => _recordBytesLeft = MaxRecordBytes;

    /// <summary>As Read, for what says where other things are.</summary>
    public void ReadRecord(ulong offset, Span<byte> target)
    {
        _recordBytesLeft -= target.Length + CostOfLook;
        if (_recordBytesLeft < 0)
            throw new VolumeDamagedException($"too many records before the one at {offset}");
        Read(offset, target);
    }

    /// <summary>All of the target, or a VolumeDamagedException or DiskException.</summary>
    public void Read(ulong offset, Span<byte> target)
    {
        if (!Has(offset, (ulong)target.Length))
        {
            throw new VolumeDamagedException($"byte {offset} lies beyond the end of the disc");
        }
        while (!target.IsEmpty)
        {
            ReadOnlySpan<byte> chunk = Find(offset / ChunkBytes)[(int)(offset % ChunkBytes)..];
            if (chunk.Length > target.Length) chunk = chunk[..target.Length];
            chunk.CopyTo(target);
            target = target[chunk.Length..];
            offset += (ulong)chunk.Length;
        }
    }

    public bool Has(ulong offset, ulong count) =>
        offset <= LengthBytes && count <= LengthBytes - offset;

    private Span<byte> Find(ulong number)
    {
        foreach (Chunk chunk in _chunks)
        {
            if (chunk.Number != number) continue;
            chunk.LastUse = ++_uses;
            return chunk.Bytes;
        }
        return Load(number);
    }

    private Span<byte> Load(ulong number)
    {
        Chunk chunk = TakeOldest();
        ulong first = number * ChunkBytes;
        int count = (int)Math.Min(ChunkBytes, LengthBytes - first);
        disk.Read(first / disk.Geometry.BlockBytes, chunk.Bytes.AsSpan(0, count));
        chunk.Number = number;
        chunk.LastUse = ++_uses;
        // Only now: a failed read leaves nothing to be found.
        _chunks.Add(chunk);
        return chunk.Bytes;
    }

    private Chunk TakeOldest()
    {
        if (_chunks.Count < MaxChunks) return new Chunk();
        Chunk oldest = _chunks[0];
        foreach (Chunk chunk in _chunks)
        {
            if (chunk.LastUse < oldest.LastUse) oldest = chunk;
        }
        _chunks.Remove(oldest);
        return oldest;
    }
}

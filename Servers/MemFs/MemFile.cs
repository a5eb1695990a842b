// Bytes of one file, as a sparse table of chunks. What has no chunk reads as zeros.
//
// Rules: no change is visible unless all of it is possible, and the death of the process finds it
// whole or not begun. Bytes of a chunk beyond the length are anything; growing clears them first.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed class MemFile(ulong number, int slot, NodeTable table, ChunkStore store)
    : MemNode(number, slot, table)
{
    /// <summary>Largest offset that a file may reach: 1 TiB, most of it holes.</summary>
    public const ulong MaxBytes = 1UL << 40;
    private const ulong ChunkBytes = ChunkStore.ChunkBytes;

    private readonly Dictionary<uint, ChunkId> _chunks = [];

    public ulong LengthBytes { get; private set; }
    /// <summary>How many open capabilities hold a lock; OpenObjects counts.</summary>
    public int SharedLocks { get; set; }
    public int ExclusiveLocks { get; set; }

    /// <summary>Number of bytes copied; 0 at or after the end.</summary>
    public int Read(ulong offset, Span<byte> target)
    {
        if (offset >= LengthBytes) return 0;
        int total = (int)Math.Min((ulong)target.Length, LengthBytes - offset);
        for (int done = 0; done < total;)
        {
            ulong position = offset + (ulong)done;
            int inChunk = (int)(position % ChunkBytes);
            int count = Math.Min(total - done, ChunkStore.ChunkBytes - inChunk);
            Span<byte> part = target.Slice(done, count);
            if (_chunks.TryGetValue(ChunkNumber(position), out ChunkId id))
            {
                store.Read(id, inChunk, part);
            }
            else
            {
                part.Clear();
            }
            done += count;
        }
        return total;
    }

    /// <summary>TooLarge or NoSpace, and nothing changed; or all is written.</summary>
    public Status Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (offset > MaxBytes || (ulong)source.Length > MaxBytes - offset) return Status.TooLarge;
        if (source.IsEmpty) return Status.Ok;
        ulong end = offset + (ulong)source.Length;
        if (MissingChunks(offset, end) > store.FreeChunks) return Status.NoSpace;
        ClearTail(offset);
        for (int done = 0; done < source.Length;)
        {
            ulong position = offset + (ulong)done;
            int inChunk = (int)(position % ChunkBytes);
            int count = Math.Min(source.Length - done, ChunkStore.ChunkBytes - inChunk);
            WriteChunk(ChunkNumber(position), inChunk, source.Slice(done, count));
            done += count;
        }
        if (end > LengthBytes) KeepLength(end);
        return Status.Ok;
    }

    /// <summary>Bytes that can be read now are not touched until the commit.</summary>
    private void WriteChunk(uint chunk, int inChunk, ReadOnlySpan<byte> source)
    {
        bool isThere = _chunks.TryGetValue(chunk, out ChunkId old);
        if (isThere && chunk * ChunkBytes + (ulong)inChunk >= LengthBytes)
        {
            store.Write(old, inChunk, source);
            return;
        }
        ChunkId fresh = store.Take();
        if (isThere)
        {
            Span<byte> bytes = stackalloc byte[ChunkStore.ChunkBytes];
            store.Read(old, 0, bytes);
            source.CopyTo(bytes[inChunk..]);
            store.Write(fresh, 0, bytes);
            store.Replace(old, Number, chunk);
        }
        else
        {
            store.Write(fresh, inChunk, source);
        }
        store.Bind(fresh, Number, chunk);
        _chunks[chunk] = fresh;
    }

    public Status SetLength(ulong lengthBytes)
    {
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        if (lengthBytes < LengthBytes) Cut(lengthBytes);
        else ClearTail(lengthBytes);
        KeepLength(lengthBytes);
        return Status.Ok;
    }

    public override void Restore(in NodeRecord record)
    {
        base.Restore(record);
        LengthBytes = record.LengthBytes;
    }

    /// <summary>Takes back a chunk that it had; not one that it was cut short of.</summary>
    public Adoption Adopt(uint chunk, ChunkId id)
    {
        if (chunk * ChunkBytes >= LengthBytes) return Adoption.No;
        if (!_chunks.TryAdd(chunk, id)) throw new VaultDamagedException($"two chunks {chunk}");
        return Adoption.Yes;
    }

    /// <summary>Gives all chunks back; for a file that nobody can reach any more.</summary>
    public void Discard()
    {
        foreach ((uint chunk, ChunkId id) in _chunks) store.Release(id, Number, chunk);
        _chunks.Clear();
        LengthBytes = 0;
    }

    private void Cut(ulong lengthBytes)
    {
        if (lengthBytes == 0)
        {
            Discard();
            return;
        }
        uint last = ChunkNumber(lengthBytes - 1);
        List<uint> beyond = [];
        foreach (uint chunk in _chunks.Keys)
        {
            if (chunk > last) beyond.Add(chunk);
        }
        foreach (uint chunk in beyond)
        {
            _chunks.Remove(chunk, out ChunkId id);
            store.Release(id, Number, chunk);
        }
    }

    /// <summary>What lies between the length and a new end is going to be read as zeros.</summary>
    private void ClearTail(ulong end)
    {
        int inChunk = (int)(LengthBytes % ChunkBytes);
        if (end <= LengthBytes || inChunk == 0) return;
        if (!_chunks.TryGetValue(ChunkNumber(LengthBytes), out ChunkId tail)) return;
        store.Clear(tail, inChunk, ChunkStore.ChunkBytes - inChunk);
    }

    private void KeepLength(ulong lengthBytes)
    {
        LengthBytes = lengthBytes;
        Table.SetLength(this, lengthBytes);
    }

    private int MissingChunks(ulong offset, ulong end)
    {
        int missing = 0;
        for (uint chunk = ChunkNumber(offset); chunk <= ChunkNumber(end - 1); chunk++)
        {
            if (!_chunks.ContainsKey(chunk)) missing++;
        }
        return missing;
    }

    private static uint ChunkNumber(ulong position) => (uint)(position / ChunkBytes);
}

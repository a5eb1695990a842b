// Bytes of one file, as a sparse table of chunks. What has no chunk reads as zeros.
//
// Rules: no change is visible unless all of it is possible. Bytes of a chunk beyond the length are
// zero, so that growing needs no work.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.MemFs;

internal sealed class MemFile(ulong number, ChunkStore store) : MemNode(number)
{
    /// <summary>Largest offset that a file may reach: 1 TiB, most of it holes.</summary>
    public const ulong MaxBytes = 1UL << 40;
    private const ulong ChunkBytes = ChunkStore.ChunkBytes;

    private readonly Dictionary<uint, ChunkId> _chunks = [];

    public ulong LengthBytes { get; private set; }

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
                store.Bytes(id).Slice(inChunk, count).CopyTo(part);
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
        for (int done = 0; done < source.Length;)
        {
            ulong position = offset + (ulong)done;
            int inChunk = (int)(position % ChunkBytes);
            int count = Math.Min(source.Length - done, ChunkStore.ChunkBytes - inChunk);
            uint chunk = ChunkNumber(position);
            if (!_chunks.TryGetValue(chunk, out ChunkId id))
            {
                id = store.Take();
                _chunks.Add(chunk, id);
            }
            source.Slice(done, count).CopyTo(store.Bytes(id)[inChunk..]);
            done += count;
        }
        LengthBytes = Math.Max(LengthBytes, end);
        return Status.Ok;
    }

    public Status SetLength(ulong lengthBytes)
    {
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        if (lengthBytes < LengthBytes) Cut(lengthBytes);
        LengthBytes = lengthBytes;
        return Status.Ok;
    }

    /// <summary>Gives all chunks back; for a file that nobody can reach any more.</summary>
    public void Discard()
    {
        foreach (ChunkId id in _chunks.Values) store.Release(id);
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
            store.Release(id);
        }
        int inChunk = (int)(lengthBytes % ChunkBytes);
        if (inChunk != 0 && _chunks.TryGetValue(last, out ChunkId tail))
        {
            store.Bytes(tail)[inChunk..].Clear();
        }
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

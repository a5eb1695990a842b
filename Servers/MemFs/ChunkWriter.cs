// A write into the chunks of a file: bytes first, then the index, so that a source which fails in
// the middle has changed nothing.
//
// Rules: bytes that can be read now are not touched until the commit; they go into fresh chunks,
// where nobody looks yet. Whole chunks that lie together are filled with one copy.

using System;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed class ChunkWriter(MemVault vault)
{
    private const int ChunkBytes = ChunkStore.ChunkBytes;

    private readonly IVaultMemory _memory = vault.Memory;
    private readonly ChunkStore _store = vault.Chunks;
    private readonly ChunkTree _tree = new(vault);
    /// <summary>Of each chunk that is written the fresh one; none where the old one serves.</summary>
    private ChunkId[] _fresh = [];

    /// <summary>The caller has seen that there is room.</summary>
    public Status Fill<TSource>(Node file, ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        uint first = ChunkOf(offset);
        int count = (int)(ChunkOf(offset + (ulong)source.LengthBytes - 1) - first) + 1;
        if (count > _fresh.Length) _fresh = new ChunkId[count];
        Span<ChunkId> fresh = _fresh.AsSpan(0, count);
        Take(file, offset, source.LengthBytes, fresh);
        Status status = Copy(file, offset, source, fresh);
        for (int i = 0; i < count; i++)
        {
            if (fresh[i].IsNone) continue;
            if (status == Status.Ok) Put(file, first + (uint)i, fresh[i]);
            else _store.Return(fresh[i]);
        }
        return status;
    }

    private void Take(Node file, ulong offset, int lengthBytes, Span<ChunkId> fresh)
    {
        ulong end = offset + (ulong)lengthBytes;
        for (int i = 0; i < fresh.Length; i++)
        {
            ulong begin = (ulong)(ChunkOf(offset) + (uint)i) * ChunkBytes;
            bool isWhole = begin >= offset && begin + ChunkBytes <= end;
            bool hasOld = !_tree.Find(file, ChunkOf(begin)).IsNone;
            // What lies behind the end of the file nobody reads yet.
            bool isFree = hasOld && Math.Max(begin, offset) >= file.LengthBytes;
            fresh[i] = isFree ? ChunkId.None
                : _store.Take(isWhole || hasOld ? Filling.Whole : Filling.Part);
        }
    }

    private Status Copy<TSource>(
        Node file, ulong offset, TSource source, ReadOnlySpan<ChunkId> fresh)
        where TSource : IByteSource, allows ref struct
    {
        Status status = Status.Ok;
        for (int done = 0, i = 0; done < source.LengthBytes && status == Status.Ok;)
        {
            ulong position = offset + (ulong)done;
            int inChunk = (int)(position % ChunkBytes);
            int left = source.LengthBytes - done;
            int count = Math.Min(left, ChunkBytes - inChunk);
            int chunks = 1;
            if (count == ChunkBytes && !fresh[i].IsNone)
            {
                chunks = Together(fresh[i..], left / ChunkBytes);
                count = chunks * ChunkBytes;
                status = CopyWhole(source, done, _store.PlaceOf(fresh[i]), count);
            }
            else
            {
                ChunkId old = _tree.Find(file, ChunkOf(position));
                status = CopyPart(source, done, old, fresh[i], inChunk, count);
            }
            done += count;
            i += chunks;
        }
        return status;
    }

    /// <summary>How many of the first chunks lie one behind the other.</summary>
    private static int Together(ReadOnlySpan<ChunkId> chunks, int most)
    {
        int count = 1;
        while (count < most && chunks[count].Value == chunks[count - 1].Value + 1) count++;
        return count;
    }

    private Status CopyWhole<TSource>(TSource source, int done, ulong place, int lengthBytes)
        where TSource : IByteSource, allows ref struct
    {
        Span<byte> window = _memory.Window(place, lengthBytes);
        if (!window.IsEmpty) return source.CopyTo(done, window);
        Span<byte> bytes = stackalloc byte[ChunkBytes];
        for (int at = 0; at < lengthBytes; at += ChunkBytes)
        {
            Status status = source.CopyTo(done + at, bytes);
            if (status != Status.Ok) return status;
            _memory.Write(place + (ulong)at, bytes);
        }
        return Status.Ok;
    }

    private Status CopyPart<TSource>(
        TSource source, int done, ChunkId old, ChunkId fresh, int inChunk, int count)
        where TSource : IByteSource, allows ref struct
    {
        Span<byte> bytes = stackalloc byte[ChunkBytes];
        bool isMixed = !old.IsNone && !fresh.IsNone;
        if (isMixed) _store.Read(old, 0, bytes);
        Status status = source.CopyTo(done, bytes.Slice(inChunk, count));
        if (status != Status.Ok) return status;
        ChunkId target = fresh.IsNone ? old : fresh;
        if (isMixed) _store.Write(target, 0, bytes);
        else _store.Write(target, inChunk, bytes.Slice(inChunk, count));
        return Status.Ok;
    }

    private void Put(Node file, uint chunk, ChunkId fresh)
    {
        ChunkId old = _tree.Find(file, chunk);
        _tree.Set(file, chunk, fresh);
        if (!old.IsNone) _store.Release(old);
    }

    private static uint ChunkOf(ulong position) => (uint)(position / ChunkBytes);
}

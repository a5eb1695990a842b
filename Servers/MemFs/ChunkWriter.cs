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

internal sealed class ChunkWriter(MemVault vault, ChunkTree tree)
{
    private const int ChunkBytes = ChunkStore.ChunkBytes;

    private readonly IVaultMemory _memory = vault.Memory;
    private readonly ChunkStore _store = vault.Chunks;
    /// <summary>Of each chunk that is written: what it was, and the fresh one.</summary>
    private ChunkId[] _old = [];
    /// <summary>None where the old one serves.</summary>
    private ChunkId[] _fresh = [];
    private int[] _taken = [];
    private int _count;

    /// <summary>Looks at the chunks of a write, and says how many it has to take.</summary>
    public int Begin(Node file, ulong offset, int lengthBytes)
    {
        uint first = ChunkStore.ChunkOf(offset);
        _count = (int)(ChunkStore.ChunkOf(offset + (ulong)lengthBytes - 1) - first) + 1;
        if (_count > _fresh.Length)
        {
            _old = new ChunkId[_count];
            _fresh = new ChunkId[_count];
            _taken = new int[_count];
        }
        tree.Find(file, first, Old);
        return tree.CountMissing(file, first, Old);
    }

    private Span<ChunkId> Old => _old.AsSpan(0, _count);
    private Span<ChunkId> Fresh => _fresh.AsSpan(0, _count);

    /// <summary>After Begin; the caller has seen that there is room.</summary>
    public Status Fill<TSource>(Node file, ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        bool isOver = _count == 1 && !_old[0].IsNone && offset < file.LengthBytes;
        return isOver ? WriteOver(file, offset, source) : FillMany(file, offset, source);
    }

    /// <summary>One chunk that has bytes already.</summary>
    private Status WriteOver<TSource>(Node file, ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        _fresh[0] = _store.MakeSpare();
        Status status = Copy(offset, source);
        if (status != Status.Ok) return status;
        tree.Set(file, ChunkStore.ChunkOf(offset), Fresh);
        _store.Swap(_old[0]);
        return status;
    }

    private Status FillMany<TSource>(Node file, ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        Take(file, offset, source.LengthBytes);
        Status status = Copy(offset, source);
        if (status == Status.Ok) tree.Set(file, ChunkStore.ChunkOf(offset), Fresh);
        for (int i = 0; i < _count; i++)
        {
            if (_fresh[i].IsNone) continue;
            if (status != Status.Ok) _store.Return(_fresh[i]);
            else if (!_old[i].IsNone) _store.Release(_old[i]);
        }
        return status;
    }

    private void Take(Node file, ulong offset, int lengthBytes)
    {
        ulong fileBytes = file.LengthBytes;
        uint first = ChunkStore.ChunkOf(offset);
        int wanted = 0;
        for (int i = 0; i < _count; i++)
        {
            // What lies behind the end of the file nobody reads yet.
            ulong begin = Math.Max(offset, (ulong)(first + (uint)i) * ChunkBytes);
            bool isFree = !_old[i].IsNone && begin >= fileBytes;
            _fresh[i] = isFree ? ChunkId.None : new ChunkId(1);
            if (!isFree) wanted++;
        }
        if (wanted == 0) return;
        Span<int> taken = _taken.AsSpan(0, wanted);
        _store.Take(taken);
        int next = 0;
        foreach (ref ChunkId fresh in Fresh)
        {
            if (!fresh.IsNone) fresh = new ChunkId(taken[next++] + 1);
        }
        ClearRest(0, offset, lengthBytes);
        if (_count > 1) ClearRest(_count - 1, offset, lengthBytes);
    }

    /// <summary>A fresh chunk for a hole is zeros around what is written.</summary>
    private void ClearRest(int i, ulong offset, int lengthBytes)
    {
        if (_fresh[i].IsNone || !_old[i].IsNone) return;
        ulong begin = (ulong)(ChunkStore.ChunkOf(offset) + (uint)i) * ChunkBytes;
        bool isWhole = begin >= offset && begin + ChunkBytes <= offset + (ulong)lengthBytes;
        if (!isWhole) _store.Clear(_fresh[i], 0, ChunkBytes);
    }

    private Status Copy<TSource>(ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        ReadOnlySpan<ChunkId> fresh = Fresh;
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
                chunks = Together(fresh.Slice(i, left / ChunkBytes));
                count = chunks * ChunkBytes;
                status = CopyWhole(source, done, _store.PlaceOf(fresh[i]), count);
            }
            else
            {
                status = CopyPart(source, done, _old[i], fresh[i], inChunk, count);
            }
            done += count;
            i += chunks;
        }
        return status;
    }

    /// <summary>How many of the first chunks lie one behind the other; at least one.</summary>
    public static int Together(ReadOnlySpan<ChunkId> chunks)
    {
        int count = 1;
        while (count < chunks.Length && chunks[count].Value == chunks[count - 1].Value + 1) count++;
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
}

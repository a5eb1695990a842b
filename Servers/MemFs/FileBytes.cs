// Bytes of files, as sparse trees of chunks. What has no chunk reads as zeros.
//
// Rules: no change is visible unless all of it is possible, and the death of the process finds it
// whole or not begun. Bytes of a chunk beyond the length are anything; growing clears them first.

using System;
using Servers.MemFs.Vaults;
using Shared.Abi;

namespace Servers.MemFs;

internal sealed class FileBytes(MemVault vault)
{
    /// <summary>Largest offset that a file may reach: 1 TiB, most of it holes.</summary>
    public const ulong MaxBytes = 1UL << 40;
    private const ulong ChunkBytes = ChunkStore.ChunkBytes;
    /// <summary>Chunks that are freed with one transaction.</summary>
    private const int ShrinkChunks = VaultLayout.LogWords / 4;

    private readonly ChunkStore _store = vault.Chunks;
    private readonly ChunkTree _tree = new(vault);

    /// <summary>Number of bytes copied; 0 at or after the end.</summary>
    public int Read(Node file, ulong offset, Span<byte> target)
    {
        ulong lengthBytes = file.LengthBytes;
        if (offset >= lengthBytes) return 0;
        int total = (int)Math.Min((ulong)target.Length, lengthBytes - offset);
        for (int done = 0; done < total;)
        {
            ulong position = offset + (ulong)done;
            int inChunk = (int)(position % ChunkBytes);
            int count = Math.Min(total - done, ChunkStore.ChunkBytes - inChunk);
            Span<byte> part = target.Slice(done, count);
            ChunkId id = _tree.Find(file, ChunkOf(position));
            if (id.IsNone) part.Clear();
            else _store.Read(id, inChunk, part);
            done += count;
        }
        return total;
    }

    /// <summary>TooLarge or NoSpace, and nothing changed; or all is written.</summary>
    public Status Write(Node file, ulong offset, ReadOnlySpan<byte> source)
    {
        if (offset > MaxBytes || (ulong)source.Length > MaxBytes - offset) return Status.TooLarge;
        if (source.IsEmpty) return Status.Ok;
        ulong end = offset + (ulong)source.Length;
        int missing = _tree.CountMissing(file, ChunkOf(offset), ChunkOf(end - 1));
        if (missing > _store.FreeChunks) return Status.NoSpace;
        ClearTail(file, offset);
        ulong lengthBytes = file.LengthBytes;
        for (int done = 0; done < source.Length;)
        {
            ulong position = offset + (ulong)done;
            int count = Math.Min(
                source.Length - done, ChunkStore.ChunkBytes - (int)(position % ChunkBytes));
            WriteChunk(file, position, source.Slice(done, count), lengthBytes);
            done += count;
        }
        if (end > lengthBytes) file.LengthBytes = end;
        return Status.Ok;
    }

    public Status SetLength(Node file, ulong lengthBytes)
    {
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        bool isCut = lengthBytes < file.LengthBytes;
        if (!isCut) ClearTail(file, lengthBytes);
        file.LengthBytes = lengthBytes;
        if (isCut) BeginShrinking(file);
        return Status.Ok;
    }

    /// <summary>
    /// For a file that nobody can reach any more. True when it has no chunk left; otherwise Shrink
    /// goes on after the commit.
    /// </summary>
    public bool Discard(Node file)
    {
        if (file.LengthBytes != 0) file.LengthBytes = 0;
        BeginShrinking(file);
        return file.Root.IsNone;
    }

    public void VisitChunks(Node file, Action<ChunkId> visit) => _tree.Visit(file, visit);

    /// <summary>Frees some of the chunks beyond the length; true when none is left.</summary>
    public bool Shrink(Node file)
    {
        int budget = ShrinkChunks;
        return _tree.Cut(file, ChunksOf(file.LengthBytes), ref budget);
    }

    /// <summary>A single chunk goes at once, more in transactions of their own.</summary>
    private void BeginShrinking(Node file)
    {
        if (file.Root.IsNone) return;
        if (file.Height == 0) Shrink(file);
        else vault.Head.Shrinking = file.Key;
    }

    /// <summary>Bytes that can be read now are not touched until the commit.</summary>
    private void WriteChunk(
        Node file, ulong position, ReadOnlySpan<byte> source, ulong lengthBytes)
    {
        uint chunk = ChunkOf(position);
        int inChunk = (int)(position % ChunkBytes);
        ChunkId old = _tree.Find(file, chunk);
        if (!old.IsNone && position >= lengthBytes)
        {
            _store.Write(old, inChunk, source);
            return;
        }
        bool isWhole = source.Length == ChunkStore.ChunkBytes;
        ChunkId fresh = _store.Take(isWhole || !old.IsNone ? Filling.Whole : Filling.Part);
        if (!old.IsNone && !isWhole)
        {
            Span<byte> bytes = stackalloc byte[ChunkStore.ChunkBytes];
            _store.Read(old, 0, bytes);
            source.CopyTo(bytes[inChunk..]);
            _store.Write(fresh, 0, bytes);
        }
        else
        {
            _store.Write(fresh, inChunk, source);
        }
        _tree.Set(file, chunk, fresh);
        if (!old.IsNone) _store.Release(old);
    }

    /// <summary>What lies between the length and a new end is going to be read as zeros.</summary>
    private void ClearTail(Node file, ulong end)
    {
        ulong lengthBytes = file.LengthBytes;
        int inChunk = (int)(lengthBytes % ChunkBytes);
        if (end <= lengthBytes || inChunk == 0) return;
        ChunkId tail = _tree.Find(file, ChunkOf(lengthBytes));
        if (!tail.IsNone) _store.Clear(tail, inChunk, ChunkStore.ChunkBytes - inChunk);
    }

    private static uint ChunkOf(ulong position) => (uint)(position / ChunkBytes);

    private static uint ChunksOf(ulong lengthBytes) =>
        (uint)((lengthBytes + ChunkBytes - 1) / ChunkBytes);
}

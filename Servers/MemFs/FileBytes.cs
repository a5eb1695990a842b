// Bytes of files, as sparse trees of chunks. What has no chunk reads as zeros.
//
// Rules: no change is visible unless all of it is possible, and the death of the process finds it
// whole or not begun. Bytes of a chunk beyond the length are anything; growing clears them first.

using System;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk.Native;

namespace Servers.MemFs;

/// <summary>Bytes of a file that lie together in the vault, or nowhere: they are zeros.</summary>
internal readonly record struct Run(ulong Place, int LengthBytes)
{
    public bool IsHole => Place == 0;
}

internal sealed class FileBytes
{
    /// <summary>Largest offset that a file may reach: 1 TiB, most of it holes.</summary>
    public const ulong MaxBytes = 1UL << 40;
    private const ulong ChunkBytes = ChunkStore.ChunkBytes;
    /// <summary>Chunks that are freed with one transaction.</summary>
    private const int ShrinkChunks = VaultLayout.LogWords / 4;
    /// <summary>As many as one step of a lease reaches into.</summary>
    private const int MaxRunChunks = Message.MaxLeaseStepBytes / ChunkStore.ChunkBytes + 1;

    private readonly MemVault _vault;
    private readonly ChunkStore _store;
    private readonly ChunkTree _tree;
    private readonly ChunkWriter _writer;

    public FileBytes(MemVault vault)
    {
        _vault = vault;
        _store = vault.Chunks;
        _tree = new ChunkTree(vault);
        _writer = new ChunkWriter(vault, _tree);
    }

    /// <summary>Number of bytes copied; 0 at or after the end.</summary>
    public int Read(Node file, ulong offset, Span<byte> target)
    {
        int done = 0;
        while (done < target.Length)
        {
            Run run = RunAt(file, offset + (ulong)done, target.Length - done);
            if (run.LengthBytes == 0) break;
            Read(run, target.Slice(done, run.LengthBytes));
            done += run.LengthBytes;
        }
        return done;
    }

    /// <summary>As many bytes as lie together; none at or after the end.</summary>
    public Run RunAt(Node file, ulong offset, int mostBytes)
    {
        ulong lengthBytes = file.LengthBytes;
        if (offset >= lengthBytes) return default;
        int most = (int)Math.Min((ulong)mostBytes, lengthBytes - offset);
        int inChunk = (int)(offset % ChunkBytes);
        Span<ChunkId> chunks = stackalloc ChunkId[MaxRunChunks];
        int wanted = (inChunk + most + ChunkStore.ChunkBytes - 1) / ChunkStore.ChunkBytes;
        chunks = chunks[..Math.Min(wanted, MaxRunChunks)];
        _tree.Find(file, ChunkStore.ChunkOf(offset), chunks);
        bool isHole = chunks[0].IsNone;
        int together = isHole ? 1 : ChunkWriter.Together(chunks);
        int count = Math.Min(together * ChunkStore.ChunkBytes - inChunk, most);
        return new Run(isHole ? 0 : _store.PlaceOf(chunks[0]) + (ulong)inChunk, count);
    }

    /// <summary>The run's bytes where they lie; empty where only Read comes to them.</summary>
    public ReadOnlySpan<byte> Window(Run run) =>
        run.IsHole ? default : _vault.Memory.Window(run.Place, run.LengthBytes);

    /// <summary>As Window, for an answer that takes the bytes along.</summary>
    public FixedBytes Fixed(Run run) =>
        run.IsHole ? default : _vault.Memory.Fixed(run.Place, run.LengthBytes);

    public void Read(Run run, Span<byte> target)
    {
        if (run.IsHole) target.Clear();
        else _vault.Memory.Read(run.Place, target);
    }

    public Status Write(Node file, ulong offset, ReadOnlySpan<byte> source) =>
        Write(file, offset, new SpanSource(source));

    /// <summary>TooLarge, NoSpace or the source's status, and nothing changed; or all.</summary>
    public Status Write<TSource>(Node file, ulong offset, TSource source)
        where TSource : IByteSource, allows ref struct
    {
        int lengthBytes = source.LengthBytes;
        if (offset > MaxBytes || (ulong)lengthBytes > MaxBytes - offset) return Status.TooLarge;
        if (lengthBytes == 0) return Status.Ok;
        ulong end = offset + (ulong)lengthBytes;
        int missing = _writer.Begin(file, offset, lengthBytes);
        if (missing > _store.FreeChunks) return Status.NoSpace;
        ClearTail(file, offset);
        Status status = _writer.Fill(file, offset, source);
        if (status != Status.Ok) return status;
        if (end > file.LengthBytes) file.LengthBytes = end;
        return Status.Ok;
    }

    /// <summary>A write of so many bytes takes no more, wherever it is.</summary>
    public static int MostChunksFor(uint lengthBytes) =>
        (int)(lengthBytes / ChunkBytes) + 3 * ChunkTree.MaxPath;

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
    /// For a file that nobody can reach any more. True when it has no chunk left, and its record is
    /// to go; otherwise Shrink goes on after the commit.
    /// </summary>
    public bool Discard(Node file)
    {
        ChunkId root = file.Root;
        if (root.IsNone) return true;
        if (file.Height == 0)
        {
            _store.Release(root);
            return true;
        }
        file.LengthBytes = 0;
        BeginShrinking(file);
        return false;
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
        else _vault.Head.Shrinking = file.Key;
    }

    /// <summary>What lies between the length and a new end is going to be read as zeros.</summary>
    private void ClearTail(Node file, ulong end)
    {
        ulong lengthBytes = file.LengthBytes;
        int inChunk = (int)(lengthBytes % ChunkBytes);
        if (end <= lengthBytes || inChunk == 0) return;
        ChunkId tail = _tree.Find(file, ChunkStore.ChunkOf(lengthBytes));
        if (!tail.IsNone) _store.Clear(tail, inChunk, ChunkStore.ChunkBytes - inChunk);
    }

    private static uint ChunksOf(ulong lengthBytes) =>
        (uint)((lengthBytes + ChunkBytes - 1) / ChunkBytes);
}

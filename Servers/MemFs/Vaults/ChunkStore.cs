// The bytes of all files: equal chunks of the vault, taken and released by id.
//
// Rules: the only place that owns file bytes. A chunk of a file that bytes of it can be read from
// is never written to: its bytes go to a fresh one. What a transaction releases is not taken again
// before its commit. One chunk is taken for nobody, the spare: who writes one chunk over changes
// places with it, and no map.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

/// <summary>Index of a chunk in its store plus one; zero for none.</summary>
internal readonly record struct ChunkId(int Value)
{
    public static readonly ChunkId None = default;

    public bool IsNone => Value == 0;
    public int Index => Value - 1;
}

internal sealed class ChunkStore
{
    public const int ChunkBytes = 4096;
    /// <summary>So many free chunks keep their memory, for the next who takes one.</summary>
    private const int MaxWarmChunks = 64;

    private readonly IVaultMemory _memory;
    private readonly UndoLog _log;
    private readonly VaultLayout _layout;
    private readonly SlotMap _slots;
    private readonly DirtyMap _dirty;
    /// <summary>Released by the transaction in progress.</summary>
    private readonly List<int> _pending = [];
    private bool _mayBeWarm;
    private bool _isSwapped;

    public ChunkStore(IVaultMemory memory, UndoLog log, VaultLayout layout)
    {
        _memory = memory;
        _log = log;
        _layout = layout;
        _slots = new SlotMap(log, layout.ChunkMapFirst, layout.Chunks);
        _dirty = new DirtyMap(memory, layout.DirtyMapFirst);
    }

    /// <summary>Which chunk of a file a byte of it lies in.</summary>
    public static uint ChunkOf(ulong position) => (uint)(position / ChunkBytes);

    public int TotalChunks => _layout.TotalChunks;
    public int UsedChunks => _slots.Count - _pending.Count - (Spare.IsNone ? 0 : 1);
    public int FreeChunks => TotalChunks - UsedChunks;

    /// <summary>
    /// One of zeros. The caller has seen that FreeChunks is not zero, or releases one for it.
    /// </summary>
    public ChunkId Take()
    {
        int chunk = _slots.Take();
        ChunkId id = new(chunk + 1);
        if (!_dirty.Add(chunk)) Clear(id, 0, ChunkBytes);
        return id;
    }

    /// <summary>
    /// So many, ascending, whose bytes are anything; the caller has seen that there is room.
    /// </summary>
    public void Take(Span<int> chunks)
    {
        _slots.Take(chunks);
        _dirty.Add(chunks);
    }

    /// <summary>Bytes of it are anything, and nobody reads them.</summary>
    public ChunkId Spare => Checked(_log.LoadChecked(VaultLayout.SpareAt));

    /// <summary>The spare, made if need be; it is the caller's if it calls Swap.</summary>
    public ChunkId MakeSpare()
    {
        ChunkId spare = Spare;
        if (!spare.IsNone && !_isSwapped) return spare;
        // What this transaction has made the spare is a file's until the commit.
        if (!spare.IsNone) Release(spare);
        int chunk = 0;
        Take(new Span<int>(ref chunk));
        spare = new ChunkId(chunk + 1);
        SetSpare(spare);
        return spare;
    }

    /// <summary>With the transaction in progress, this one of a file is the spare.</summary>
    public void Swap(ChunkId old)
    {
        SetSpare(old);
        _isSwapped = true;
    }

    /// <summary>Its owner goes, or is cut, with the transaction in progress.</summary>
    public void Release(ChunkId id) => _pending.Add(id.Index);

    /// <summary>It was taken by the transaction in progress, and nobody wants it.</summary>
    public void Return(ChunkId id) => _slots.Release(id.Index);

    public void Read(ChunkId id, int offset, Span<byte> target) =>
        _memory.Read(PlaceOf(id) + (ulong)offset, target);

    public void Write(ChunkId id, int offset, ReadOnlySpan<byte> source) =>
        _memory.Write(PlaceOf(id) + (ulong)offset, source);

    public void Clear(ChunkId id, int offset, int count) =>
        _memory.Clear(PlaceOf(id) + (ulong)offset, (ulong)count);

    /// <summary>Offset in the vault of the chunk's first byte.</summary>
    public ulong PlaceOf(ChunkId id) => _layout.Chunk(id.Index);

    /// <summary>A number of the vault as an id of this store, or none.</summary>
    public ChunkId Checked(uint value) => value <= (uint)_layout.Chunks
        ? new ChunkId((int)value) : throw new VaultDamagedException($"chunk {value}");

    public bool IsTaken(ChunkId id) => _slots.Contains(id.Index);

    /// <summary>What the transaction releases is free when it is committed.</summary>
    public void Stage()
    {
        _isSwapped = false;
        if (_pending.Count == 0) return;
        _slots.Release(CollectionsMarshal.AsSpan(_pending));
        _mayBeWarm = true;
        _pending.Clear();
    }

    /// <summary>The transaction is committed: gives memory back when much is free.</summary>
    public void Settle()
    {
        if (!_mayBeWarm) return;
        _mayBeWarm = false;
        if (_dirty.Count - _slots.Count > MaxWarmChunks) Cool();
    }

    /// <summary>Gives the memory of all free chunks back, a run of neighbours at a time.</summary>
    private void Cool()
    {
        int end = _slots.End;
        for (int first = 0, next; first < end; first = next)
        {
            next = first + 1;
            if (!IsWarm(first)) continue;
            while (next < end && IsWarm(next)) next++;
            _memory.Discard(_layout.Chunk(first), (ulong)(next - first) * ChunkBytes);
            for (int chunk = first; chunk < next; chunk++) _dirty.Remove(chunk);
        }
    }

    private void SetSpare(ChunkId spare) =>
        _log.SetChecked(VaultLayout.SpareAt, (uint)spare.Value);

    private bool IsWarm(int chunk) => _dirty.Contains(chunk) && !_slots.Contains(chunk);
}

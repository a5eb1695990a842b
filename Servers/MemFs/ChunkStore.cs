// The bytes of all files: equal chunks of the vault, taken and released by id.
//
// Each chunk has a word that names its owner: number of the file, and which chunk of it. A chunk
// whose owner is gone, or is too short for it, is free; so a file is deleted or cut by one word of
// its own, and the owner words are cleared afterwards.
// Rules: the only place that owns file bytes. A taken chunk is all zeros. A chunk of a file that
// bytes of it can be read from is never written to: its bytes go to a fresh one.

using System;
using System.Collections.Generic;
using Servers.MemFs.Vaults;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

/// <summary>Index of a chunk in its store.</summary>
internal readonly record struct ChunkId(int Value);

internal sealed class ChunkStore
{
    public const int ChunkBytes = 4096;
    private const int NumberShift = 28;
    /// <summary>So many free chunks keep their memory, for the next who takes one.</summary>
    private const int MaxWarmChunks = 64;

    private readonly MemVault _vault;
    private readonly IVaultMemory _memory;
    private readonly VaultLayout _layout;
    private readonly SlotPool _slots;
    /// <summary>Free, and full of old bytes; all other free ones are without memory.</summary>
    private readonly BitMap _warm;
    /// <summary>Released by the transaction in progress.</summary>
    private readonly List<int> _pending = [];

    public ChunkStore(MemVault vault)
    {
        _vault = vault;
        _memory = vault.Memory;
        _layout = vault.Layout;
        _slots = vault.ChunkSlots;
        _warm = new BitMap(_layout.Chunks);
    }

    public int TotalChunks => _layout.TotalChunks;
    public int UsedChunks { get; private set; }
    public int FreeChunks => TotalChunks - UsedChunks;

    /// <summary>The caller has seen that FreeChunks is not zero, or releases one for it.</summary>
    public ChunkId Take()
    {
        int chunk = _slots.Take();
        if (_warm.Remove(chunk)) _memory.Clear(_layout.Chunk(chunk), ChunkBytes);
        UsedChunks++;
        return new ChunkId(chunk);
    }

    /// <summary>The chunk belongs to the file, with the transaction in progress.</summary>
    public void Bind(ChunkId id, ulong number, uint chunkOfFile)
    {
        ulong owner = OwnerWord(number, chunkOfFile);
        _vault.Log.Set(_layout.Owner(id.Value), owner);
        _vault.Sum.Toggle(HashOf(id, owner));
    }

    /// <summary>Another chunk takes the place of this, with the transaction in progress.</summary>
    public void Replace(ChunkId id, ulong number, uint chunkOfFile)
    {
        _vault.Log.Set(_layout.Owner(id.Value), 0);
        Release(id, number, chunkOfFile);
    }

    /// <summary>The owner goes, or is cut, with the transaction in progress.</summary>
    public void Release(ChunkId id, ulong number, uint chunkOfFile)
    {
        _vault.Sum.Toggle(HashOf(id, OwnerWord(number, chunkOfFile)));
        _pending.Add(id.Value);
        UsedChunks--;
    }

    public void Read(ChunkId id, int offset, Span<byte> target) =>
        _memory.Read(_layout.Chunk(id.Value) + (ulong)offset, target);

    public void Write(ChunkId id, int offset, ReadOnlySpan<byte> source) =>
        _memory.Write(_layout.Chunk(id.Value) + (ulong)offset, source);

    public void Clear(ChunkId id, int offset, int count) =>
        _memory.Clear(_layout.Chunk(id.Value) + (ulong)offset, (ulong)count);

    /// <summary>The transaction is committed: what it released is free.</summary>
    public void Settle()
    {
        foreach (int chunk in _pending) Free(chunk);
        _pending.Clear();
        if (_warm.Count > MaxWarmChunks) Cool();
    }

    /// <summary>
    /// Gives each chunk that an earlier incarnation has left to who adopts it, and frees the rest.
    /// </summary>
    public void Load(Func<ulong, uint, ChunkId, Adoption> adopt)
    {
        int used = _slots.Used;
        for (int chunk = 0; chunk < used; chunk++)
        {
            ulong owner = _memory.Load(_layout.Owner(chunk));
            uint chunkOfFile = (uint)(owner & (1UL << NumberShift) - 1);
            ChunkId id = new(chunk);
            bool isAdopted = owner != 0
                && adopt(owner >> NumberShift, chunkOfFile, id) == Adoption.Yes;
            if (!isAdopted)
            {
                Free(chunk);
                continue;
            }
            _vault.Sum.Toggle(HashOf(id, owner));
            UsedChunks++;
        }
        _memory.Discard(_layout.Chunk(used), (ulong)(_layout.Chunks - used) * ChunkBytes);
        Settle();
    }

    private static ulong OwnerWord(ulong number, uint chunkOfFile) =>
        number << NumberShift | chunkOfFile;

    private static ulong HashOf(ChunkId id, ulong owner) =>
        VaultSum.Hash(RecordKind.Chunk, (ulong)id.Value, owner);

    private void Free(int chunk)
    {
        ulong owner = _layout.Owner(chunk);
        if (_memory.Load(owner) != 0) _memory.Store(owner, 0);
        _warm.Add(chunk);
        _slots.Release(chunk);
    }

    /// <summary>Gives the memory of all free chunks back, a run of neighbours at a time.</summary>
    private void Cool()
    {
        for (int first = 0, next; (first = _warm.NextFrom(first)) >= 0; first = next)
        {
            next = first;
            while (next < _layout.Chunks && _warm.Remove(next)) next++;
            _memory.Discard(_layout.Chunk(first), (ulong)(next - first) * ChunkBytes);
            if (next == _layout.Chunks) return;
        }
    }
}

internal enum Adoption { No, Yes }

// The bytes of all files: equal chunks of the vault, taken and released by id.
//
// Each chunk has a word that names its owner: number of the file, and which chunk of it. A chunk
// whose owner is gone, or is too short for it, is free; so a file is deleted or cut by one word of
// its own, and the owner words are cleared afterwards.
// Rules: the only place that owns file bytes. A taken chunk is all zeros. A chunk of a file that
// bytes of it can be read from is never written to: its bytes go to a fresh one.

using System;
using System.Collections;
using System.Collections.Generic;
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
    /// <summary>Free, and full of old bytes.</summary>
    private readonly Stack<int> _warm = new();
    /// <summary>Free, without memory.</summary>
    private readonly Stack<int> _cold = new();
    /// <summary>Released by the transaction in progress.</summary>
    private readonly List<int> _pending = [];
    private int _firstUnused;

    public ChunkStore(MemVault vault)
    {
        _vault = vault;
        _memory = vault.Memory;
        _layout = vault.Layout;
    }

    public int TotalChunks => _layout.TotalChunks;
    public int UsedChunks { get; private set; }
    public int FreeChunks => TotalChunks - UsedChunks;

    /// <summary>The caller has seen that FreeChunks is not zero, or releases one for it.</summary>
    public ChunkId Take()
    {
        if (_warm.TryPop(out int chunk))
        {
            _memory.Clear(_layout.Chunk(chunk), ChunkBytes);
        }
        else if (!_cold.TryPop(out chunk))
        {
            if (_firstUnused == _layout.Chunks) throw new InvalidOperationException("no chunk");
            chunk = _firstUnused++;
        }
        UsedChunks++;
        return new ChunkId(chunk);
    }

    /// <summary>The chunk belongs to the file, with the transaction in progress.</summary>
    public void Bind(ChunkId id, ulong number, uint chunkOfFile) =>
        _vault.Log.Set(_layout.Owner(id.Value), number << NumberShift | chunkOfFile);

    /// <summary>Another chunk takes the place of this, with the transaction in progress.</summary>
    public void Replace(ChunkId id)
    {
        _vault.Log.Set(_layout.Owner(id.Value), 0);
        Release(id);
    }

    /// <summary>The owner goes, or is cut, with the transaction in progress.</summary>
    public void Release(ChunkId id)
    {
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
        BitArray adopted = new(_layout.Chunks);
        for (int chunk = 0; chunk < _layout.Chunks; chunk++)
        {
            ulong owner = _memory.Load(_layout.Owner(chunk));
            if (owner == 0) continue;
            uint chunkOfFile = (uint)(owner & (1UL << NumberShift) - 1);
            _firstUnused = chunk + 1;
            ulong number = owner >> NumberShift;
            if (adopt(number, chunkOfFile, new ChunkId(chunk)) == Adoption.No) continue;
            adopted[chunk] = true;
            UsedChunks++;
        }
        for (int chunk = 0; chunk < _firstUnused; chunk++)
        {
            if (!adopted[chunk]) Free(chunk);
        }
        _memory.Discard(
            _layout.Chunk(_firstUnused), (ulong)(_layout.Chunks - _firstUnused) * ChunkBytes);
        Settle();
    }

    private void Free(int chunk)
    {
        ulong owner = _layout.Owner(chunk);
        if (_memory.Load(owner) != 0) _memory.Store(owner, 0);
        _warm.Push(chunk);
    }

    /// <summary>Gives the memory of all free chunks back, a run of neighbours at a time.</summary>
    private void Cool()
    {
        int[] chunks = _warm.ToArray();
        _warm.Clear();
        Array.Sort(chunks);
        for (int first = 0, next; first < chunks.Length; first = next)
        {
            next = first + 1;
            while (next < chunks.Length && chunks[next] == chunks[next - 1] + 1) next++;
            _memory.Discard(
                _layout.Chunk(chunks[first]), (ulong)(next - first) * ChunkBytes);
            for (int i = first; i < next; i++) _cold.Push(chunks[i]);
        }
    }
}

internal enum Adoption { No, Yes }

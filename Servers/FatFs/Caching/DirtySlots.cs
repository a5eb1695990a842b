// Changed blocks in the vault, until the driver has answered: a slot of bytes and a word for each.
//
// The word says which block the slot holds and its class; zero: nothing. A slot is filled while its
// word is zero, and the word is part of a transaction, so a death finds each block as it was before
// a transaction or after it.
// Rules: a block has at most one slot. Bytes of a slot never change while its word is set.

using System;
using System.Collections.Generic;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Caching;

internal sealed class DirtySlots
{
    private const ulong UsedBit = 1UL << 63;
    private const int ClassShift = 56;
    private const ulong BlockMask = (1UL << ClassShift) - 1;

    private readonly SmallVault _vault;
    private readonly ulong _words;
    private readonly ulong _bytes;
    private readonly ulong _slotBytes;
    private readonly BitMap _free;

    public DirtySlots(SmallVault vault, int slots, uint blockBytes)
    {
        _vault = vault;
        Capacity = slots;
        _slotBytes = blockBytes;
        _words = vault.Reserve((ulong)slots * sizeof(ulong));
        _bytes = vault.Reserve((ulong)slots * blockBytes);
        _free = new BitMap(slots);
        if (vault.IsNew) vault.Memory.Clear(_words, (ulong)slots * sizeof(ulong));
        for (int slot = 0; slot < slots; slot++) _free.Add(slot);
    }

    public int Capacity { get; }
    public int FreeCount => _free.Count;

    /// <summary>What earlier incarnations have left; called once, before anything else.</summary>
    public IEnumerable<(int Slot, ulong Block, BlockClass Class)> Restore()
    {
        HashSet<ulong> seen = [];
        for (int slot = 0; slot < Capacity; slot++)
        {
            ulong word = _vault.Memory.Load(WordAt(slot));
            if (word == 0) continue;
            ulong block = word & BlockMask;
            BlockClass kind = (BlockClass)((word & ~UsedBit) >> ClassShift);
            bool isGood = (word & UsedBit) != 0 && kind <= BlockClass.Late && seen.Add(block);
            if (!isGood) throw new VaultDamagedException($"slot {slot} of the cache");
            _free.Remove(slot);
            yield return (slot, block, kind);
        }
    }

    public void Read(int slot, Span<byte> target) => _vault.Memory.Read(BytesAt(slot), target);

    /// <summary>
    /// Puts the block into a free slot, there with the transaction in progress.
    /// </summary>
    public int Fill(ulong block, BlockClass kind, ReadOnlySpan<byte> bytes)
    {
        int slot = _free.TakeLowest();
        _vault.Memory.Write(BytesAt(slot), bytes);
        _vault.Log.Set(WordAt(slot), UsedBit | (ulong)kind << ClassShift | block);
        return slot;
    }

    /// <summary>
    /// With the transaction, the slot holds nothing; Release it after the commit.
    /// </summary>
    public void Clear(int slot) => _vault.Log.Set(WordAt(slot), 0);

    public void Release(int slot) => _free.Add(slot);

    /// <summary>The driver has the block; takes effect at once.</summary>
    public void Drop(int slot)
    {
        _vault.Memory.Store(WordAt(slot), 0);
        _free.Add(slot);
    }

    /// <summary>Gives memory back; when no slot is used.</summary>
    public void Discard()
    {
        if (_free.Count != Capacity) return;
        const ulong page = Shared.Abi.Limits.PageBytes;
        _vault.Memory.Discard(_bytes, (ulong)Capacity * _slotBytes / page * page);
    }

    private ulong WordAt(int slot) => _words + (ulong)slot * sizeof(ulong);

    private ulong BytesAt(int slot) => _bytes + (ulong)slot * _slotBytes;
}

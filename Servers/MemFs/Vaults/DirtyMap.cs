// Which chunks may have bytes: they were taken once, and their memory was not given back since.
// All others read as zeros.
//
// Rules: set before the first byte is written, cleared after the memory is gone; single stores, not
// part of a transaction, so that a death between leaves it set at worst.

using System;
using System.Numerics;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class DirtyMap(IVaultMemory memory, ulong first)
{
    private const int WordSlots = 32;

    /// <summary>Negative while nobody has counted.</summary>
    private int _count = -1;

    /// <summary>The first words say how far the map was ever used.</summary>
    private int Words => (int)CheckedWords.Decode(first, memory.Load(first));

    public static ulong BytesFor(int capacity) =>
        sizeof(ulong) * (1 + (ulong)((capacity + WordSlots - 1) / WordSlots));

    public int Count
    {
        get
        {
            if (_count >= 0) return _count;
            _count = 0;
            int words = Words;
            for (int word = 0; word < words; word++) _count += BitOperations.PopCount(Load(word));
            return _count;
        }
    }

    public bool Contains(int slot) => (Load(slot / WordSlots) & BitOf(slot)) != 0;

    /// <summary>False when it was there.</summary>
    public bool Add(int slot) => Add(slot / WordSlots, BitOf(slot));

    /// <param name="slots">Ascending.</param>
    public void Add(ReadOnlySpan<int> slots)
    {
        for (int i = 0; i < slots.Length;)
        {
            int word = slots[i] / WordSlots;
            uint bits = 0;
            for (; i < slots.Length && slots[i] / WordSlots == word; i++) bits |= BitOf(slots[i]);
            Add(word, bits);
        }
    }

    private bool Add(int word, uint bits)
    {
        uint old = Load(word);
        if ((bits & ~old) == 0) return false;
        if (word >= Words) Store(first, (uint)word + 1);
        Store(PlaceOf(word), old | bits);
        if (_count >= 0) _count += BitOperations.PopCount(bits & ~old);
        return true;
    }

    /// <summary>It is there.</summary>
    public void Remove(int slot)
    {
        int word = slot / WordSlots;
        Store(PlaceOf(word), Load(word) & ~BitOf(slot));
        if (_count >= 0) _count--;
    }

    private uint Load(int word) => CheckedWords.Decode(PlaceOf(word), memory.Load(PlaceOf(word)));

    private void Store(ulong place, uint value) =>
        memory.Store(place, CheckedWords.Encode(place, value));

    private ulong PlaceOf(int word) => first + sizeof(ulong) * (1 + (ulong)word);

    private static uint BitOf(int slot) => 1u << slot % WordSlots;
}

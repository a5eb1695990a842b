// Which records of a table in a vault are taken: in the vault itself, so that a start asks nobody.
//
// The first word says how many are taken, the second where the highest ends that ever was; then a
// word for each 32 records (CheckedWords).
// Rules: changes are words of the transaction in progress. The lowest free record is taken first.

using System;
using System.Collections.Generic;
using System.Numerics;

namespace Shared.Sdk.Vaults;

public sealed class SlotMap(RedoLog log, ulong first, int capacity)
{
    private const int WordSlots = 32;
    private const ulong EndAt = 8;
    private const ulong WordsAt = 16;

    /// <summary>No word before this has a free record.</summary>
    private int _hint;

    public int Capacity => capacity;
    public int Count => (int)log.LoadChecked(first);
    public bool IsFull => Count == capacity;
    /// <summary>No record from here on was ever taken.</summary>
    public int End => (int)log.LoadChecked(first + EndAt);

    public static ulong BytesFor(int capacity) =>
        WordsAt + sizeof(ulong) * (ulong)((capacity + WordSlots - 1) / WordSlots);

    public bool Contains(int slot) => (WordOf(slot / WordSlots) & BitOf(slot)) != 0;

    /// <summary>The lowest free record; the caller has seen that there is one.</summary>
    public int Take()
    {
        if (IsFull) throw new InvalidOperationException("no free record");
        while (WordOf(_hint) == uint.MaxValue) _hint++;
        int slot = _hint * WordSlots + BitOperations.TrailingZeroCount(~WordOf(_hint));
        Change(slot, 1);
        if (slot >= End) log.SetChecked(first + EndAt, (uint)slot + 1);
        return slot;
    }

    /// <summary>Can be taken again, also by the transaction that releases it.</summary>
    public void Release(int slot)
    {
        if (!Contains(slot)) throw new VaultDamagedException($"record {slot} is free");
        Change(slot, -1);
        _hint = Math.Min(_hint, slot / WordSlots);
    }

    /// <summary>All taken records, ascending; not while any is taken or released.</summary>
    public IEnumerable<int> Taken()
    {
        for (int slot = 0; (slot = NextFrom(slot)) >= 0; slot++) yield return slot;
    }

    /// <summary>The lowest taken record at or above this; -1 when there is none.</summary>
    private int NextFrom(int slot)
    {
        int words = (End + WordSlots - 1) / WordSlots;
        uint mask = uint.MaxValue << slot % WordSlots;
        for (int word = slot / WordSlots; word < words; word++, mask = uint.MaxValue)
        {
            uint found = WordOf(word) & mask;
            if (found != 0) return word * WordSlots + BitOperations.TrailingZeroCount(found);
        }
        return -1;
    }

    private void Change(int slot, int count)
    {
        int word = slot / WordSlots;
        log.SetChecked(OffsetOf(word), WordOf(word) ^ BitOf(slot));
        log.SetChecked(first, (uint)(Count + count));
    }

    private uint WordOf(int word) => log.LoadChecked(OffsetOf(word));

    private ulong OffsetOf(int word) => first + WordsAt + sizeof(ulong) * (ulong)word;

    private static uint BitOf(int slot) => 1u << slot % WordSlots;
}

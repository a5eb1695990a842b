// Which records of a table in a vault are taken: in the vault itself, so that a start asks nobody.
//
// The first word says how many are taken, the second where the highest ends that ever was; then a
// word for each 32 records (CheckedWords).
// Rules: changes are words of the transaction in progress. The lowest free record is taken first.

using System;
using System.Collections.Generic;
using System.Numerics;

namespace Shared.Sdk.Vaults;

public sealed class SlotMap(UndoLog log, ulong first, int capacity)
{
    private const int WordSlots = 32;
    private const ulong EndAt = 8;
    private const ulong WordsAt = 16;

    /// <summary>No word before this has a free record.</summary>
    private int _hint;
    /// <summary>As the vault has it, where that was read or written; else -1.</summary>
    private int _count = -1;
    private int _end = -1;

    public int Capacity => capacity;
    public int Count
    {
        get => _count >= 0 ? _count : _count = (int)log.LoadChecked(first);
        private set => log.SetChecked(first, (uint)(_count = value));
    }

    public bool IsFull => Count == capacity;

    /// <summary>No record from here on was ever taken.</summary>
    public int End
    {
        get => _end >= 0 ? _end : _end = (int)log.LoadChecked(first + EndAt);
        private set => log.SetChecked(first + EndAt, (uint)(_end = value));
    }

    public static ulong BytesFor(int capacity) =>
        WordsAt + sizeof(ulong) * (ulong)((capacity + WordSlots - 1) / WordSlots);

    public bool Contains(int slot) => (WordOf(slot / WordSlots) & BitOf(slot)) != 0;

    /// <summary>The lowest free record; the caller has seen that there is one.</summary>
    public int Take()
    {
        int count = Count;
        if (count == capacity) throw new InvalidOperationException("no free record");
        uint word;
        while ((word = WordOf(_hint)) == uint.MaxValue) _hint++;
        int bit = BitOperations.TrailingZeroCount(~word), slot = _hint * WordSlots + bit;
        log.SetChecked(OffsetOf(_hint), word | 1u << bit);
        Count = count + 1;
        if (slot >= End) End = slot + 1;
        return slot;
    }

    /// <summary>The lowest free records, ascending; the caller has seen that there are.</summary>
    public void Take(Span<int> slots)
    {
        int count = Count;
        if (slots.Length > capacity - count) throw new InvalidOperationException("no free record");
        for (int at = 0; at < slots.Length;)
        {
            uint word = WordOf(_hint), taken = 0;
            for (uint free = ~word; free != 0 && at < slots.Length; free &= free - 1)
            {
                int bit = BitOperations.TrailingZeroCount(free);
                taken |= 1u << bit;
                slots[at++] = _hint * WordSlots + bit;
            }
            if (taken == 0) _hint++;
            else log.SetChecked(OffsetOf(_hint), word | taken);
        }
        Count = count + slots.Length;
        if (slots[^1] >= End) End = slots[^1] + 1;
    }

    /// <summary>Can be taken again, also by the transaction that releases it.</summary>
    public void Release(int slot)
    {
        int word = slot / WordSlots;
        uint taken = WordOf(word), bit = BitOf(slot);
        if ((taken & bit) == 0) throw new VaultDamagedException($"record {slot} is free");
        log.SetChecked(OffsetOf(word), taken & ~bit);
        _hint = Math.Min(_hint, word);
        Count--;
    }

    /// <summary>As above; quickest where neighbours follow each other.</summary>
    public void Release(ReadOnlySpan<int> slots)
    {
        for (int at = 0; at < slots.Length;)
        {
            int word = slots[at] / WordSlots;
            uint taken = WordOf(word), released = 0;
            for (; at < slots.Length && slots[at] / WordSlots == word; at++)
            {
                uint bit = BitOf(slots[at]);
                if ((taken & ~released & bit) == 0)
                    throw new VaultDamagedException($"record {slots[at]} is free");
                released |= bit;
            }
            log.SetChecked(OffsetOf(word), taken & ~released);
            _hint = Math.Min(_hint, word);
        }
        Count -= slots.Length;
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

    private uint WordOf(int word) => log.LoadChecked(OffsetOf(word));

    private ulong OffsetOf(int word) => first + WordsAt + sizeof(ulong) * (ulong)word;

    private static uint BitOf(int slot) => 1u << slot % WordSlots;
}

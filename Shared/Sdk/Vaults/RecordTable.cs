// Records by number in a vault: each is some bytes, up to a length that the table has fixed.
//
// A slot is a word for the key (zero when free), one for length and checksum, and the bytes.
// Rules: every change is words of the transaction in progress; what is read is the copy in memory,
// which has them at once. All records are read and verified when the table is made; slots that
// were never used cost nothing.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Shared.Sdk.Vaults;

public sealed class RecordTable
{
    private const ulong SlotsAt = 8;
    private const ulong HeadAt = 8;
    private const ulong BytesAt = 16;
    private const int HeadWords = 2;

    private sealed class Record(int slot, ulong[] words, int lengthBytes)
    {
        public int Slot => slot;
        public ulong[] Words => words;
        public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(words.AsSpan())[..lengthBytes];
    }

    private readonly IVaultMemory _memory;
    private readonly RedoLog _log;
    private readonly ulong _first;
    private readonly int _maxWords;
    private readonly SortedDictionary<ulong, Record> _records = [];
    private readonly Stack<int> _released = new();
    private int _usedSlots;

    public RecordTable(SmallVault vault, int slots, int maxBytes)
    {
        if (slots <= 0 || maxBytes < 0) throw new ArgumentOutOfRangeException(nameof(slots));
        _memory = vault.Memory;
        _log = vault.Log;
        MaxRecords = slots;
        MaxBytes = maxBytes;
        _maxWords = WordsOf(maxBytes);
        _first = vault.Reserve(SlotsAt + (ulong)slots * SlotBytes);
        if (vault.IsNew) _memory.Store(_first, 0);
        else Open();
    }

    public int MaxRecords { get; }
    public int MaxBytes { get; }
    public int Count => _records.Count;
    public bool IsFull => Count == MaxRecords;

    /// <summary>Ascending; not while records are put or removed.</summary>
    public IEnumerable<ulong> Keys => _records.Keys;

    /// <summary>Words of a transaction that one Put of so many bytes needs at most.</summary>
    public static int LogWordsFor(int maxBytes) => 1 + HeadWords + WordsOf(maxBytes);

    /// <summary>The record's bytes, until the next change of the table.</summary>
    public bool TryGet(ulong key, out ReadOnlySpan<byte> bytes)
    {
        bool isThere = _records.TryGetValue(key, out Record? record);
        bytes = isThere ? record!.Bytes : default;
        return isThere;
    }

    /// <summary>Adds or replaces a record. False when the table has no room for one more.</summary>
    /// <param name="key">Not zero.</param>
    /// <param name="bytes">At most MaxBytes.</param>
    public bool Put(ulong key, ReadOnlySpan<byte> bytes)
    {
        if (key == 0) throw new ArgumentOutOfRangeException(nameof(key));
        if (bytes.Length > MaxBytes) throw new ArgumentException("record too long");
        ulong[] words = new ulong[WordsOf(bytes.Length)];
        bytes.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
        ReadOnlySpan<ulong> before = default;
        int slot;
        if (_records.TryGetValue(key, out Record? old))
        {
            slot = old.Slot;
            before = old.Words;
        }
        else if (!TryTake(key, out slot))
        {
            return false;
        }
        ulong at = At(slot);
        _log.Set(at + HeadAt, Head(key, bytes.Length, words));
        for (int i = 0; i < words.Length; i++)
        {
            bool isSame = i < before.Length && before[i] == words[i];
            if (!isSame) _log.Set(at + BytesAt + sizeof(ulong) * (ulong)i, words[i]);
        }
        _records[key] = new Record(slot, words, bytes.Length);
        return true;
    }

    /// <summary>False when there is none.</summary>
    public bool Remove(ulong key)
    {
        if (!_records.Remove(key, out Record? record)) return false;
        _log.Set(At(record.Slot), 0);
        // What is taken again in this transaction comes later in it.
        _released.Push(record.Slot);
        return true;
    }

    private bool TryTake(ulong key, out int slot)
    {
        if (!_released.TryPop(out slot))
        {
            if (_usedSlots == MaxRecords) return false;
            slot = _usedSlots++;
            _log.Set(_first, (ulong)_usedSlots);
        }
        _log.Set(At(slot), key);
        return true;
    }

    private void Open()
    {
        ulong used = _memory.Load(_first);
        if (used > (ulong)MaxRecords) throw new VaultDamagedException("number of records");
        _usedSlots = (int)used;
        for (int slot = _usedSlots - 1; slot >= 0; slot--)
        {
            ulong key = _memory.Load(At(slot));
            if (key == 0) _released.Push(slot);
            else if (!_records.TryAdd(key, Read(slot, key))) throw Damaged(slot);
        }
    }

    private Record Read(int slot, ulong key)
    {
        ulong at = At(slot);
        ulong head = _memory.Load(at + HeadAt);
        ulong length = head >> 32;
        if (length > (ulong)MaxBytes) throw Damaged(slot);
        ulong[] words = new ulong[WordsOf((int)length)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = _memory.Load(at + BytesAt + sizeof(ulong) * (ulong)i);
        }
        if (head != Head(key, (int)length, words)) throw Damaged(slot);
        return new Record(slot, words, (int)length);
    }

    private static VaultDamagedException Damaged(int slot) => new($"record {slot} is damaged");

    private static ulong Head(ulong key, int lengthBytes, ReadOnlySpan<ulong> words) =>
        (ulong)lengthBytes << 32
        | Checksum.Of([key, (ulong)lengthBytes, Checksum.Of(words)]);

    private ulong SlotBytes => sizeof(ulong) * (ulong)(HeadWords + _maxWords);

    private ulong At(int slot) => _first + SlotsAt + (ulong)slot * SlotBytes;

    private static int WordsOf(int bytes) => (bytes + sizeof(ulong) - 1) / sizeof(ulong);
}

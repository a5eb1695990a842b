// Records by number in a vault: each is some bytes, up to a length that the table has fixed.
//
// A slot is a word for the key (zero when free), one for length and checksum, and the bytes.
// Rules: every change is words of the transaction in progress; what is read is the copy in memory.
// A slot that was free before the transaction is filled at once, since nobody looks at it while its
// key is zero. All records are read and verified when the table is made; slots that were never used
// cost nothing.

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

    private sealed class Record(int slot)
    {
        public int Slot => slot;
        public ulong[] Words { get; set; } = [];
        public int LengthBytes { get; set; }
        public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(Words.AsSpan())[..LengthBytes];
    }

    private readonly IVaultMemory _memory;
    private readonly UndoLog _log;
    private readonly ulong _first;
    private readonly ulong[] _scratch;
    private readonly SortedDictionary<ulong, Record> _records = [];
    /// <summary>With the transaction that released them.</summary>
    private readonly Stack<(int Slot, ulong Transaction)> _released = new();
    private int _usedSlots;

    public RecordTable(SmallVault vault, int slots, int maxBytes)
    {
        if (slots <= 0 || maxBytes < 0) throw new ArgumentOutOfRangeException(nameof(slots));
        _memory = vault.Memory;
        _log = vault.Log;
        MaxRecords = slots;
        MaxBytes = maxBytes;
        _scratch = new ulong[WordsOf(maxBytes)];
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
        bool isFree = false;
        if (!_records.TryGetValue(key, out Record? record))
        {
            if (!TryTake(key, out int slot, out isFree)) return false;
            record = new Record(slot);
            _records.Add(key, record);
        }
        else if (record.Bytes.SequenceEqual(bytes))
        {
            return true;
        }
        Span<ulong> words = _scratch.AsSpan(0, WordsOf(bytes.Length));
        if (!words.IsEmpty) words[^1] = 0;
        bytes.CopyTo(MemoryMarshal.AsBytes(words));
        ulong at = At(record.Slot);
        if (isFree) Fill(at, Head(key, bytes.Length, words), words);
        else Change(at, Head(key, bytes.Length, words), words);
        // A record that keeps its length is replaced without an allocation.
        if (record.Words.Length == words.Length) words.CopyTo(record.Words);
        else record.Words = words.ToArray();
        record.LengthBytes = bytes.Length;
        return true;
    }

    /// <summary>False when there is none.</summary>
    public bool Remove(ulong key)
    {
        if (!_records.Remove(key, out Record? record)) return false;
        _log.Set(At(record.Slot), 0);
        _released.Push((record.Slot, _log.Transaction));
        return true;
    }

    /// <param name="isFree">Also without the transaction in progress.</param>
    private bool TryTake(ulong key, out int slot, out bool isFree)
    {
        isFree = true;
        if (_released.TryPop(out (int Slot, ulong Transaction) released))
        {
            slot = released.Slot;
            isFree = released.Transaction != _log.Transaction;
        }
        else
        {
            slot = _usedSlots;
            if (slot == MaxRecords) return false;
            _log.Set(_first, (ulong)++_usedSlots);
        }
        _log.Set(At(slot), key);
        return true;
    }

    private void Fill(ulong at, ulong head, ReadOnlySpan<ulong> words)
    {
        _log.SetFree(at + HeadAt, head);
        if (!words.IsEmpty) _memory.Write(at + BytesAt, MemoryMarshal.AsBytes(words));
    }

    private void Change(ulong at, ulong head, ReadOnlySpan<ulong> words)
    {
        _log.Set(at + HeadAt, head);
        for (int i = 0; i < words.Length; i++)
        {
            _log.Set(at + BytesAt + sizeof(ulong) * (ulong)i, words[i]);
        }
    }

    private void Open()
    {
        ulong used = _memory.Load(_first);
        if (used > (ulong)MaxRecords) throw new VaultDamagedException("number of records");
        _usedSlots = (int)used;
        for (int slot = _usedSlots - 1; slot >= 0; slot--)
        {
            ulong key = _memory.Load(At(slot));
            if (key == 0) _released.Push((slot, 0));
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
        return new Record(slot) { Words = words, LengthBytes = (int)length };
    }

    private static VaultDamagedException Damaged(int slot) => new($"record {slot} is damaged");

    private static ulong Head(ulong key, int lengthBytes, ReadOnlySpan<ulong> words) =>
        (ulong)lengthBytes << 32
        | Checksum.Of([key, (ulong)lengthBytes, Checksum.Of(words)]);

    private ulong SlotBytes => sizeof(ulong) * (ulong)(HeadWords + _scratch.Length);

    private ulong At(int slot) => _first + SlotsAt + (ulong)slot * SlotBytes;

    private static int WordsOf(int bytes) => (bytes + sizeof(ulong) - 1) / sizeof(ulong);
}

// Changes of several words of a vault that happen together or not at all, at whatever instruction
// the process dies.
//
// A transaction is written to the log first, published by one store of the commit word, and then
// applied. The next incarnation applies a published transaction again, which changes nothing that
// was applied before; one that was not published has never been.
// Rules: Recover before anything else. Until Commit the vault does not have the words of the
// transaction in progress: who wants them asks Load here.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shared.Sdk.Vaults;

public sealed class RedoLog
{
    private const ulong EntryBytes = 16;
    private const ulong HeadBytes = 8;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Room for the usual transaction; a start is to touch little memory.</summary>
    private const int FirstRoom = 64;
    /// <summary>So many are cleared sooner than found one by one.</summary>
    private const int ClearedPlaces = 256;

    private readonly IVaultMemory _memory;
    private readonly ulong _first;
    /// <summary>Of each word of the transaction its offset, then its value.</summary>
    private ulong[] _staged = [];
    /// <summary>By a hash of the offset: the word's place in the transaction, plus one.</summary>
    private ushort[] _places = [];
    private int _placeShift;
    private int _count;
    /// <summary>A bit for each word of the transaction, by a hash.</summary>
    private ulong _filter;

    /// <param name="first">Offset in the vault of BytesFor(maxWords) bytes for the log.</param>
    /// <param name="maxWords">At most 16384.</param>
    public RedoLog(IVaultMemory memory, ulong first, int maxWords)
    {
        _memory = memory;
        _first = first;
        MaxWords = maxWords;
        MakeRoom(Math.Min(FirstRoom, maxWords));
    }

    public int MaxWords { get; }
    public int StagedWords => _count;

    public static ulong BytesFor(int maxWords) => HeadBytes + EntryBytes * (ulong)maxWords;

    /// <summary>One word of the transaction; the last value of a word counts.</summary>
    public void Set(ulong offset, ulong value)
    {
        if (offset % sizeof(ulong) != 0) throw new ArgumentException("not the offset of a word");
        int place = PlaceOf(offset);
        int index = _places[place] - 1;
        if (index < 0)
        {
            if (_count == MaxWords) throw new InvalidOperationException("transaction too large");
            if (2 * _count == _staged.Length)
            {
                MakeRoom(Math.Min(2 * _count, MaxWords));
                place = PlaceOf(offset);
            }
            index = _count++;
            _places[place] = (ushort)_count;
            _staged[2 * index] = offset;
        }
        _staged[2 * index + 1] = value;
        _filter |= FilterBit(offset);
    }

    /// <summary>The word as it will be when the transaction in progress is committed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(ulong offset) =>
        (_filter & FilterBit(offset)) == 0 ? _memory.Load(offset) : LoadStaged(offset);

    private ulong LoadStaged(ulong offset)
    {
        int index = _places[PlaceOf(offset)] - 1;
        return index >= 0 ? _staged[2 * index + 1] : _memory.Load(offset);
    }

    /// <summary>When this returns, the transaction will be found by whoever comes next.</summary>
    public void Commit()
    {
        if (_count == 0) return;
        if (_count > 1) Publish();
        Apply(_staged.AsSpan(0, 2 * _count));
        if (_count > 1) _memory.Store(_first, 0);
        Forget();
    }

    /// <summary>Completes what an earlier incarnation has published.</summary>
    public void Recover()
    {
        ulong commit = _memory.Load(_first);
        if (commit == 0) return;
        ulong count = commit >> 32;
        bool isPossible = count != 0 && count <= (ulong)MaxWords;
        if (!isPossible) throw new VaultDamagedException($"log of {count} words");
        MakeRoom((int)count);
        for (int i = 0; i < 2 * (int)count; i++) _staged[i] = _memory.Load(WordAt(i));
        if (commit != CommitWord((int)count)) throw new VaultDamagedException("log checksum");
        for (int i = 0; i < (int)count; i++)
        {
            if (_staged[2 * i] > _memory.LengthBytes - sizeof(ulong))
            {
                throw new VaultDamagedException("log offset");
            }
        }
        Apply(_staged.AsSpan(0, 2 * (int)count));
        _memory.Store(_first, 0);
    }

    /// <summary>Forgets whatever the log holds; for a vault that is made anew.</summary>
    public void Reset()
    {
        Forget();
        _memory.Store(_first, 0);
    }

    /// <summary>For so many words; those of the transaction in progress stay.</summary>
    private void MakeRoom(int words)
    {
        Array.Resize(ref _staged, Math.Max(2 * words, _staged.Length));
        int places = (int)BitOperations.RoundUpToPowerOf2((uint)_staged.Length);
        _places = new ushort[places];
        _placeShift = 64 - BitOperations.Log2((uint)places);
        for (int i = 0; i < _count; i++) _places[PlaceOf(_staged[2 * i])] = (ushort)(i + 1);
    }

    private void Forget()
    {
        if (_places.Length <= ClearedPlaces)
        {
            _places.AsSpan().Clear();
        }
        else
        {
            // Backwards, since a place that was taken after another may have been found behind it.
            for (int i = _count - 1; i >= 0; i--) _places[PlaceOf(_staged[2 * i])] = 0;
        }
        _count = 0;
        _filter = 0;
    }

    private void Apply(ReadOnlySpan<ulong> staged)
    {
        for (; staged.Length >= 2; staged = staged[2..]) _memory.Store(staged[0], staged[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FilterBit(ulong offset) => 1UL << (int)(offset * Multiplier >> 58);

    /// <summary>Where the word's place is noted, or is to be; half of them are free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PlaceOf(ulong offset)
    {
        ushort[] places = _places;
        int place = (int)((offset * Multiplier) >> _placeShift);
        while (places[place] is ushort taken and not 0 && _staged[2 * taken - 2] != offset)
        {
            place = (place + 1) & (places.Length - 1);
        }
        return place;
    }

    private void Publish()
    {
        // In any order: they count for nothing before the commit word is there.
        _memory.Write(WordAt(0), MemoryMarshal.AsBytes(_staged.AsSpan(0, 2 * _count)));
        _memory.Store(_first, CommitWord(_count));
    }

    private ulong WordAt(int index) => _first + HeadBytes + sizeof(ulong) * (ulong)index;

    // Never zero, since a published transaction has words.
    private ulong CommitWord(int count) =>
        (ulong)count << 32 | Checksum.Of(_staged.AsSpan(0, 2 * count));
}

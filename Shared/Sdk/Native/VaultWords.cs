// The words of a vault, at the price of a load or store each where the vault lies in this process.
//
// Rules: as IVaultMemory, which is asked where it has no place: the vaults of tests count and cut
// what comes to them.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Sdk.Vaults;

namespace Shared.Sdk.Native;

// Safety: an index below _count is that of a word of FixedBytes, which stay as long as the vault.
public readonly unsafe struct VaultWords
{
    private readonly IVaultMemory _memory;
    private readonly ulong* _first;
    /// <summary>Words that are reached in place; none where there is no place.</summary>
    private readonly ulong _count;
    /// <summary>So many of them have two more behind them.</summary>
    private readonly ulong _triples;

    public VaultWords(IVaultMemory memory)
    {
        _memory = memory;
        FixedBytes all = memory.Fixed(0, (int)Math.Min(memory.LengthBytes, int.MaxValue));
        // Safety: the address of bytes that do not move.
        _first = (ulong*)all.Address;
        _count = (ulong)all.LengthBytes / sizeof(ulong);
        _triples = _count - Math.Min(_count, 2);
    }

    public IVaultMemory Memory => _memory;

    // Safety: see the type. A store that comes first in the program is seen first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(ulong offset)
    {
        ulong index = IndexOf(offset);
        return index < _count ? Volatile.Read(ref _first[index]) : LoadElsewhere(offset);
    }

    /// <summary>False: it has no place.</summary>
    // Safety: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLoad(ulong offset, out ulong value)
    {
        ulong index = IndexOf(offset);
        if (index < _count)
        {
            value = Volatile.Read(ref _first[index]);
            return true;
        }
        value = 0;
        return false;
    }

    // Safety: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ulong offset, ulong value)
    {
        ulong index = IndexOf(offset);
        if (index < _count) Volatile.Write(ref _first[index], value);
        else StoreElsewhere(offset, value);
    }

    /// <summary>
    /// Four stores, in this order: three words that follow each other, and one elsewhere. False,
    /// and nothing is stored: one of them has no place.
    /// </summary>
    // Safety: as above, and the three are in place where the first one is one of _triples.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStore(
        ulong offset, ulong first, ulong second, ulong third, ulong other, ulong value)
    {
        ulong index = IndexOf(offset), otherIndex = IndexOf(other);
        if (index >= _triples || otherIndex >= _count) return false;
        ulong* word = _first + index;
        Volatile.Write(ref word[0], first);
        Volatile.Write(ref word[1], second);
        Volatile.Write(ref word[2], third);
        Volatile.Write(ref _first[otherIndex], value);
        return true;
    }

    /// <summary>Zeros, in any order.</summary>
    // Safety: as above, and all of the words are.
    public void Clear(ulong offset, int words)
    {
        ulong index = IndexOf(offset);
        if (index < _count && (ulong)words <= _count - index)
        {
            new Span<ulong>(_first + index, words).Clear();
            return;
        }
        for (int i = 0; i < words; i++) StoreElsewhere(offset + sizeof(ulong) * (ulong)i, 0);
    }

    /// <summary>So many words in place, or copied to the scratch.</summary>
    // Safety: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ulong> Read(ulong offset, Span<ulong> scratch)
    {
        ulong index = IndexOf(offset);
        bool isHere = index < _count && (ulong)scratch.Length <= _count - index;
        if (isHere) return new ReadOnlySpan<ulong>(_first + index, scratch.Length);
        for (int i = 0; i < scratch.Length; i++)
        {
            scratch[i] = LoadElsewhere(offset + sizeof(ulong) * (ulong)i);
        }
        return scratch;
    }

    /// <summary>That of no word when the offset is none's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong IndexOf(ulong offset) => BitOperations.RotateRight(offset, 3);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong LoadElsewhere(ulong offset) => _memory.Load(Checked(offset));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StoreElsewhere(ulong offset, ulong value) =>
        _memory.Store(Checked(offset), value);

    private static ulong Checked(ulong offset) => offset % sizeof(ulong) == 0
        ? offset : throw new ArgumentException("not the offset of a word");
}

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

    public VaultWords(IVaultMemory memory)
    {
        _memory = memory;
        FixedBytes all = memory.Fixed(0, (int)Math.Min(memory.LengthBytes, int.MaxValue));
        // Safety: the address of bytes that do not move.
        _first = (ulong*)all.Address;
        _count = (ulong)all.LengthBytes / sizeof(ulong);
    }

    public IVaultMemory Memory => _memory;

    // Safety: see the type. A store that comes first in the program is seen first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(ulong offset)
    {
        ulong index = IndexOf(offset);
        return index < _count ? Volatile.Read(ref _first[index]) : LoadElsewhere(offset);
    }

    // Safety: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ulong offset, ulong value)
    {
        ulong index = IndexOf(offset);
        if (index < _count) Volatile.Write(ref _first[index], value);
        else StoreElsewhere(offset, value);
    }

    /// <summary>Three stores, in this order.</summary>
    // Safety: as above, and the last of the three is looked at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ulong offset, ulong first, ulong second, ulong third)
    {
        ulong index = IndexOf(offset + 2 * sizeof(ulong));
        if (index - 2 < _count && index < _count)
        {
            ulong* word = _first + index;
            Volatile.Write(ref word[-2], first);
            Volatile.Write(ref word[-1], second);
            Volatile.Write(ref word[0], third);
            return;
        }
        StoreElsewhere(offset, first);
        StoreElsewhere(offset + sizeof(ulong), second);
        StoreElsewhere(offset + 2 * sizeof(ulong), third);
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

// A set of small numbers, one bit each, that finds its lowest member quickly.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shared.Sdk.Vaults;

public sealed class BitMap(int capacity)
{
    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(capacity + WordBits - 1) / WordBits];
    /// <summary>No word before this has a member.</summary>
    private int _hint;

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int number) =>
        (_words[(uint)number / WordBits] & 1UL << number) != 0;

    /// <summary>False when it was there.</summary>
    public bool Add(int number)
    {
        if (Contains(number)) return false;
        int word = number / WordBits;
        _words[word] |= 1UL << number % WordBits;
        if (word < _hint) _hint = word;
        Count++;
        return true;
    }

    /// <summary>False when it was not there.</summary>
    public bool Remove(int number)
    {
        if (!Contains(number)) return false;
        _words[number / WordBits] &= ~(1UL << number % WordBits);
        Count--;
        return true;
    }

    /// <summary>Removes the lowest member; there is one.</summary>
    public int TakeLowest()
    {
        while (_words[_hint] == 0) _hint++;
        int number = _hint * WordBits + BitOperations.TrailingZeroCount(_words[_hint]);
        Remove(number);
        return number;
    }
}

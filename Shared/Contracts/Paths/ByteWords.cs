// Bytes of short texts, eight at a time.

using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shared.Contracts.Paths;

public static class ByteWords
{
    public const int Step = sizeof(ulong);
    /// <summary>Times a byte: the byte eight times.</summary>
    public const ulong Ones = 0x0101_0101_0101_0101;
    public const ulong HighBits = 0x80 * Ones;

    /// <summary>Eight bytes from an offset, the first one lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    /// <summary>Less than eight bytes, and zeros above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfFew(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        if (length >= sizeof(uint))
        {
            // The halves have bytes in common, which are the same in both.
            ulong high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - sizeof(uint))..]);
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes)
                | high << 8 * (length - sizeof(uint));
        }
        if (length == 0) return 0;
        int middle = length / 2, last = length - 1;
        return bytes[0] | (ulong)bytes[middle] << 8 * middle | (ulong)bytes[last] << 8 * last;
    }

    public static bool AreAscii(ReadOnlySpan<byte> bytes)
    {
        int last = bytes.Length - Step;
        if (last < 0) return (OfFew(bytes) & HighBits) == 0;
        ulong seen = At(bytes, last);
        for (int at = 0; at < last; at += Step) seen |= At(bytes, at);
        return (seen & HighBits) == 0;
    }

    /// <summary>Of the first byte that is this one, which is not zero; negative: none.</summary>
    public static int IndexOf(ReadOnlySpan<byte> bytes, byte wanted)
    {
        int at = 0;
        for (; at <= bytes.Length - Step; at += Step)
        {
            ulong found = FindFirst(At(bytes, at), wanted);
            if (found != 0) return at + BitOperations.TrailingZeroCount(found) / 8;
        }
        ulong last = FindFirst(OfFew(bytes[at..]), wanted);
        return last == 0 ? -1 : at + BitOperations.TrailingZeroCount(last) / 8;
    }

    // A borrow goes up: the lowest bit is right, whatever is above it.
    private static ulong FindFirst(ulong eight, byte wanted)
    {
        ulong others = eight ^ wanted * Ones;
        return (others - Ones) & ~others & HighBits;
    }

    /// <summary>The high bit of each byte that is this one; all bytes are ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ulong ascii, byte wanted) =>
        ~((ascii ^ wanted * Ones) + ~HighBits) & HighBits;
}

// Words of a vault that carry 32 bits and a check of them: what nobody wrote there is noticed by
// who reads it, without a look at anything else.
//
// Rules: the check depends on the word's place, so a word that was copied elsewhere is not taken
// for another. Zero is written as zero, as in memory that nobody has written to.

using System.Runtime.CompilerServices;

namespace Shared.Sdk.Vaults;

public static class CheckedWords
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadChecked(this UndoLog log, ulong offset) =>
        Decode(offset, log.Load(offset));

    /// <summary>With the transaction in progress.</summary>
    public static void SetChecked(this UndoLog log, ulong offset, uint value) =>
        log.Set(offset, Encode(offset, value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Encode(ulong offset, uint value) =>
        value == 0 ? 0 : (ulong)CheckOf(offset, value) << 32 | value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Decode(ulong offset, ulong word)
    {
        uint value = (uint)word;
        bool isGood = word == 0 || (value != 0 && (uint)(word >> 32) == CheckOf(offset, value));
        if (!isGood) Refuse(offset);
        return value;
    }

    private static void Refuse(ulong offset) =>
        throw new VaultDamagedException($"the word at {offset} is damaged");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint CheckOf(ulong offset, uint value) =>
        (uint)(((offset << 29 ^ value) * Multiplier) >> 32);
}

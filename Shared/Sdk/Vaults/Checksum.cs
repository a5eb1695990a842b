// 32 bits that tell whether words are those that were written. Finds accidents, not attacks.

using System;
using System.Numerics;

namespace Shared.Sdk.Vaults;

public static class Checksum
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    public static uint Of(ReadOnlySpan<ulong> words)
    {
        ulong sum = (ulong)words.Length + 1;
        foreach (ulong word in words)
        {
            sum = BitOperations.RotateLeft((sum ^ word) * Multiplier, 29);
        }
        return (uint)(sum ^ sum >> 32);
    }
}

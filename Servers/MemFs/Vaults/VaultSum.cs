// One word that agrees with every live record of the vault's tables: nodes, open capabilities,
// owned chunks, and the two numbers that never come again.
//
// It is the exclusive or of a hash of each, so a change costs what the changed records cost, and a
// start, which reads them all, finds whether one was spoiled, lost or made up. Finds accidents, not
// attacks; file bytes and the request log are not in it (decision 0014).

using System;

namespace Servers.MemFs.Vaults;

/// <summary>What a hashed record is; two kinds with the same words differ.</summary>
internal enum RecordKind : ulong { Node = 1, Chunk, OpenObject, LastNumber, LastCookie }

internal sealed class VaultSum
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    public ulong Value { get; private set; }

    /// <summary>A record comes, or goes: adding it twice takes it away.</summary>
    public void Toggle(ulong hash) => Value ^= hash;

    public static ulong Hash(RecordKind kind, params ReadOnlySpan<ulong> words)
    {
        ulong sum = (ulong)kind;
        foreach (ulong word in words) sum = Mix(sum, word);
        return Mix(sum, (ulong)words.Length);
    }

    public static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong sum = (ulong)text.Length;
        foreach (char one in text) sum = Mix(sum, one);
        return sum;
    }

    private static ulong Mix(ulong sum, ulong word)
    {
        sum = (sum ^ word) * Multiplier;
        return sum ^ sum >> 32;
    }
}

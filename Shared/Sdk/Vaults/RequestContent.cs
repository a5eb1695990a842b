// One word for what a request asks, so that the request log can tell two of them apart.
//
// Rules: the same in each incarnation. The bytes of a write are not in it: a handler in its second
// life makes the same change with what it then knows, and the first time counts.

using System;
using Shared.Contracts.Paths;

namespace Shared.Sdk.Vaults;

public static class RequestContent
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(
        ushort operation, ulong nodeNumber, ReadOnlySpan<byte> path, ulong first, ulong second)
    {
        ulong sum = Mix((ulong)path.Length << 32 | operation, nodeNumber);
        sum = Mix(Mix(sum, first), second);
        int last = path.Length - ByteWords.Step;
        if (last < 0) return path.IsEmpty ? sum : Mix(sum, ByteWords.OfFew(path));
        // The last step takes some bytes again.
        for (int at = 0; at < path.Length; at += ByteWords.Step)
            sum = Mix(sum, ByteWords.At(path, Math.Min(at, last)));
        return sum;
    }

    private static ulong Mix(ulong sum, ulong word)
    {
        sum = (sum ^ word) * Multiplier;
        return sum ^ sum >> 29;
    }
}

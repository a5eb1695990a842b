// One word for what a request asks, so that the request log can tell two of them apart.
//
// Rules: the same in each incarnation. The bytes of a write are not in it: a handler in its second
// life makes the same change with what it then knows, and the first time counts.

using System;

namespace Shared.Sdk.Vaults;

public static class RequestContent
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(
        ushort operation, ulong nodeNumber, ReadOnlySpan<char> path, ulong first, ulong second)
    {
        ulong sum = Mix(operation, nodeNumber);
        sum = Mix(Mix(sum, first), second);
        foreach (char one in path) sum = Mix(sum, one);
        return sum;
    }

    private static ulong Mix(ulong sum, ulong word)
    {
        sum = (sum ^ word) * Multiplier;
        return sum ^ sum >> 29;
    }
}

// One word for what a request asks, so that the request log can tell two of them apart.
//
// Rules: the same in each incarnation. The bytes of a write are not in it: a handler in its second
// life makes the same change with what it then knows, and the first time counts.

using System;
using System.Runtime.InteropServices;

namespace Shared.Sdk.Vaults;

public static class RequestContent
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(
        ushort operation, ulong nodeNumber, ReadOnlySpan<char> path, ulong first, ulong second)
    {
        ulong sum = Mix((ulong)path.Length << 32 | operation, nodeNumber);
        sum = Mix(Mix(sum, first), second);
        // Four characters at a time, the last ones once more if they are fewer.
        int left = path.Length;
        for (; left >= 4; left -= 4) sum = Mix(sum, Four(path[^left..]));
        if (left == 0) return sum;
        if (path.Length >= 4) return Mix(sum, Four(path[^4..]));
        foreach (char one in path) sum = Mix(sum, one);
        return sum;
    }

    private static ulong Four(ReadOnlySpan<char> path) =>
        MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(path));

    private static ulong Mix(ulong sum, ulong word)
    {
        sum = (sum ^ word) * Multiplier;
        return sum ^ sum >> 29;
    }
}

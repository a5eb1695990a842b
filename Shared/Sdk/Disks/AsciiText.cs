// Text that a device says of itself: padded, and not to be trusted.

using System;

namespace Shared.Sdk.Disks;

public static class AsciiText
{
    /// <summary>Without padding; what is not printable is a question mark.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        bytes = bytes[..(end < 0 ? bytes.Length : end)].Trim((byte)' ');
        Span<char> text = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[i] = bytes[i] is >= (byte)' ' and < 0x7F ? (char)bytes[i] : '?';
        }
        return new string(text);
    }
}

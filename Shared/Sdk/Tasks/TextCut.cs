// Where to cut UTF-8 so that no character is halved.

using System;

namespace Shared.Sdk.Tasks;

public static class TextCut
{
    /// <summary>Bytes of the longest prefix within the limit that ends with a character.</summary>
    public static int Utf8(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes) return text.Length;
        int length = maxBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80) length--;
        return length;
    }
}

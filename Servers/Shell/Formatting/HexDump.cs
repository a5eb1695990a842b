// Bytes as offset, hexadecimal and text: sixteen a line.

using System;
using System.Text;

namespace Servers.Shell.Formatting;

public static class HexDump
{
    public const int BytesPerLine = 16;
    private const string Digits = "0123456789abcdef";

    /// <summary>"00000010  48 65 6c 6c 6f ...  |Hello|", for at most BytesPerLine bytes.</summary>
    public static string Line(ulong offset, ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        text.Append(offset.ToString("x8")).Append(' ');
        for (int index = 0; index < BytesPerLine; index++)
        {
            if (index == BytesPerLine / 2) text.Append(' ');
            text.Append(' ');
            if (index < bytes.Length)
            {
                text.Append(Digits[bytes[index] >> 4]).Append(Digits[bytes[index] & 15]);
            }
            else
            {
                text.Append("  ");
            }
        }
        text.Append("  |");
        foreach (byte value in bytes) text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
        return text.Append('|').ToString();
    }

    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length * 2);
        foreach (byte value in bytes) text.Append(Digits[value >> 4]).Append(Digits[value & 15]);
        return text.ToString();
    }
}

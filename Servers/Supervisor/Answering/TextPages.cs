// Cuts a list of lines into pages of whole lines, for callers with a small buffer.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Contracts;

namespace Servers.Supervisor.Answering;

public static class TextPages
{
    /// <summary>
    /// Fills the page with lines from a number on, each ended by '\n'. A line that is longer than a
    /// whole page is cut, so that the reader gets on.
    /// </summary>
    public static TextPage Fill(IReadOnlyList<string> lines, ulong firstLine, Span<byte> page)
    {
        int length = 0;
        ulong number = firstLine;
        for (; number < (ulong)lines.Count; number++)
        {
            byte[] line = Encoding.UTF8.GetBytes(lines[(int)number] + "\n");
            if (line.Length <= page.Length - length)
            {
                line.CopyTo(page[length..]);
                length += line.Length;
                continue;
            }
            if (length != 0 || page.Length == 0) return new TextPage((uint)length, number);
            length = Cut(line, page);
            number++;
            break;
        }
        return new TextPage((uint)length, number < (ulong)lines.Count ? number : 0);
    }

    private static int Cut(ReadOnlySpan<byte> line, Span<byte> page)
    {
        int length = page.Length - 1;
        while (length > 0 && (line[length] & 0xC0) == 0x80) length--;
        line[..length].CopyTo(page);
        page[length] = (byte)'\n';
        return length + 1;
    }
}

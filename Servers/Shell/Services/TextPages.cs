// Text that the supervisor hands out page by page, as lines.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Services;

public static class TextPages
{
    private const int PageBytes = 8 * 1024;
    private const int MaxPages = 256;

    public delegate Result<TextPage> ReadPage(ulong firstLine, Span<byte> text);

    public static Status ReadLines(ReadPage read, List<string> lines)
    {
        byte[] buffer = new byte[PageBytes];
        ulong next = 0;
        for (int page = 0; page < MaxPages; page++)
        {
            Result<TextPage> text = read(next, buffer);
            if (!text.IsOk) return text.Status;
            int length = (int)Math.Min(text.Value.LengthBytes, (uint)buffer.Length);
            foreach (string line in Encoding.UTF8.GetString(buffer.AsSpan(0, length)).Split('\n'))
            {
                if (line.Length > 0) lines.Add(line);
            }
            next = text.Value.NextLine;
            if (next == 0) break;
        }
        return Status.Ok;
    }
}

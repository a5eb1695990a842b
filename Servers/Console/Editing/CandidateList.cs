// Lists what Tab could mean, in columns under the line. Pure.

using System;
using System.Collections.Generic;
using System.Text;

namespace Servers.Console.Editing;

public static class CandidateList
{
    private const int ScreenColumns = 79;
    private const int MaxShown = 100;

    /// <summary>Starts and ends on a fresh line.</summary>
    public static void Show(IReadOnlyList<string> candidates, List<byte> echo)
    {
        int shown = Math.Min(candidates.Count, MaxShown);
        int width = 1;
        for (int i = 0; i < shown; i++) width = Math.Max(width, candidates[i].Length + 2);
        int perLine = Math.Max(1, ScreenColumns / width);
        StringBuilder text = new("\r\n");
        for (int i = 0; i < shown; i++)
        {
            bool isLast = i == shown - 1 || (i + 1) % perLine == 0;
            text.Append(isLast ? candidates[i] : candidates[i].PadRight(width));
            if (isLast) text.Append("\r\n");
        }
        if (shown < candidates.Count) text.Append($"... and {candidates.Count - shown} more\r\n");
        LineBytes(text.ToString(), echo);
    }

    private static void LineBytes(string text, List<byte> echo)
    {
        foreach (string line in text.Split("\r\n")[..^1])
        {
            LineBuffer.Show(Encoding.UTF8.GetBytes(line), echo);
            echo.AddRange("\r\n"u8);
        }
    }
}

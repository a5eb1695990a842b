// Finds the figures in what a guest has printed.

using System;
using System.Linq;

namespace Tests.Benchmarks;

internal static class GuestText
{
    /// <summary>The first line with these words, or the whole text where there is none.</summary>
    public static string Line(string text, string part)
    {
        string? found = text.Split('\n').FirstOrDefault(
            line => line.Contains(part, StringComparison.Ordinal));
        return found?.Trim() ?? $"no line with '{part}' in: {text}";
    }
}

// Which names FAT can keep, and which are the same to it.
//
// Rules: PathRules has passed the name before. What cannot be kept as it is, is refused: a name
// that comes back other than it was given would be worse.

using System;
using Shared.Abi;

namespace Servers.FatFs.Directories;

internal static class NameRules
{
    /// <summary>UTF-16 units of the longest long name (FAT p. 27).</summary>
    public const int MaxUnits = 255;
    private const string Refused = "\"*/:<>?\\|";

    /// <summary>
    /// Ok, or InvalidName: control characters, "*:&lt;&gt;?\|, a dot or space last.
    /// </summary>
    public static Status Check(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > MaxUnits) return Status.InvalidName;
        if (name[^1] is ' ' or '.') return Status.InvalidName;
        if (name.ContainsAny(Refused)) return Status.InvalidName;
        return name.ContainsAnyInRange('\0', '\x1F') ? Status.InvalidName : Status.Ok;
    }

    /// <summary>Letters of any script match without their case.</summary>
    public static bool AreSame(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

// What the suite must know of a file system's names: the contract leaves it to each.

using System;

namespace Tests.Conformance.Writable;

/// <param name="Has">Whether a name can be made; else it is InvalidName.</param>
/// <param name="AreSame">Whether two different names lead to the same file.</param>
public sealed record NameSet(Func<string, bool> Has, Func<string, string, bool> AreSame)
{
    /// <summary>Every name that a path can say; names differ when their bytes do.</summary>
    public static readonly NameSet Any = new(_ => true, (_, _) => false);

    /// <summary>Long names of FAT: some characters are missing, and case does not matter.</summary>
    public static readonly NameSet Fat = new(
        name => !name.AsSpan().ContainsAny("\"*/:<>?\\|")
            && !name.AsSpan().ContainsAnyInRange('\0', '\x1F')
            && name[^1] is not (' ' or '.'),
        (one, other) => one.Equals(other, StringComparison.OrdinalIgnoreCase));
}

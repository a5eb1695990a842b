// Which modes of Open make sense. Every file server asks here, so that all answer alike.

namespace Shared.Contracts;

public static class OpenModes
{
    /// <summary>Modes that a capability without the right Write opens nothing with.</summary>
    public const OpenMode ForChange = OpenMode.Write | OpenMode.Create | OpenMode.Exclusive
        | OpenMode.Truncate | OpenMode.Append;

    private const OpenMode Known = OpenMode.Read | ForChange;
    private const OpenMode Changing = OpenMode.Truncate | OpenMode.Append;

    /// <summary>False: Open answers BadArgument.</summary>
    public static bool AreSensible(OpenMode mode)
    {
        if ((mode & ~Known) != 0) return false;
        if ((mode & (OpenMode.Read | OpenMode.Write)) == 0) return false;
        if (mode.HasFlag(OpenMode.Exclusive) && !mode.HasFlag(OpenMode.Create)) return false;
        return (mode & Changing) == 0 || mode.HasFlag(OpenMode.Write);
    }
}

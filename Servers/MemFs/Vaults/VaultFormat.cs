// Which format of the vault this build writes, and which older one it brings up to it.
//
// The image memfs2 (Tests/Guest/MemFs2) is built with a format that is one newer: its records have
// the time at which the file was made. It is there to show that vaults migrate under open files.

namespace Servers.MemFs.Vaults;

internal static class VaultFormat
{
#if MEMFS_KEEPS_CREATION
    /// <summary>The last character is the format.</summary>
    public const string Name = "CKMEMFS7";
    public const string? Older = "CKMEMFS6";
    public static bool KeepsCreation => true;
#else
    /// <summary>The last character is the format.</summary>
    public const string Name = "CKMEMFS6";
    public const string? Older = null;
    public static bool KeepsCreation => false;
#endif

    /// <summary>The image memfs3 migrates a vault, and then finds fault with it.</summary>
#if MEMFS_FAILS_PROBE
    public static bool PassesProbe => false;
#else
    public static bool PassesProbe => true;
#endif
}

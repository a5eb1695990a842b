// Which changes of FAT entries may be on the disk at a moment of a write-back.

namespace Servers.FatFs.Caching;

internal enum FatPhase
{
    /// <summary>Clusters that were free: nothing leads to them yet.</summary>
    Allocate,
    /// <summary>And chains that grow into them.</summary>
    Extend,
    /// <summary>
    /// And chains that were cut; their entries in directories are shorter by now.
    /// </summary>
    Cut,
    /// <summary>And clusters that are free now.</summary>
    Free,
}

// When a changed block may go to the disk, so that a power cut at any write leaves a good volume.
//
// Rules: WriteBack.cs has the order. A block that was changed twice keeps what holds it to the
// earlier moment, except that a rename's source becomes Late.

namespace Servers.FatFs.Caching;

internal enum BlockClass : byte
{
    /// <summary>
    /// Bytes of files, and of clusters that no directory on the disk leads to yet.
    /// </summary>
    Data = 0,
    /// <summary>Of the FAT: written entry by entry, see WriteBack.</summary>
    Fat = 1,
    /// <summary>Entries of a directory.</summary>
    Directory = 2,
    /// <summary>As Directory; has got the new name of a rename, which must be first.</summary>
    Target = 3,
    /// <summary>Has lost the old name of a rename, which must be last.</summary>
    Late = 4,
}

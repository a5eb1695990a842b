// A file or directory as its entry says, and where that entry lies.
//
// Rules: a copy; whoever changes the entry reads it again. Directories are named by their first
// cluster, and the fixed root of FAT12 and FAT16 by 0.

using Shared.Contracts;
using Shared.Fat;

namespace Servers.FatFs.Directories;

/// <param name="Slot">Of the short entry; the long name lies from FirstSlot on.</param>
internal readonly record struct EntryPlace(uint Directory, int FirstSlot, int Slot)
{
    /// <summary>The root directory has no entry.</summary>
    public static readonly EntryPlace None = new(0, -1, -1);

    public bool IsNone => Slot < 0;
}

internal sealed record FatEntry
{
    public required EntryPlace Place { get; init; }
    public required FileType Type { get; init; }
    public required uint FirstCluster { get; init; }
    public FatAttributes Attributes { get; init; }
    public uint LengthBytes { get; init; }
    public ulong ModifiedNs { get; init; }
    public ulong CreatedNs { get; init; }
    public string Name { get; init; } = "";
    /// <summary>Parts of a long name lie before it that do not make one.</summary>
    public bool HasStrayParts { get; init; }

    public bool IsDirectory => Type == FileType.Directory;
}

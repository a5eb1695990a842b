// One name of a directory, and what it stands for.
//
// Rules: an entry is known by the place of its first record on the disc, which never changes; so a
// capability that holds that number is good for every incarnation of this server.

using Servers.IsoFs.Volumes;
using Shared.Contracts;

namespace Servers.IsoFs.Directories;

internal sealed record IsoEntry
{
    /// <summary>Byte of its first record.</summary>
    public required ulong Number { get; init; }
    public required string Name { get; init; }
    public required FileExtents Extents { get; init; }
    /// <summary>Null for a file.</summary>
    public IsoDirectory? Directory { get; init; }
    public ulong TimeNs { get; init; }

    public FileType Type => Directory is null ? FileType.File : FileType.Directory;

    public ulong LengthBytes => Directory is null ? Extents.LengthBytes : 0;

    /// <summary>Null for what is not shown: links, devices, names that no path can say.</summary>
    public static IsoEntry? From(IsoVolume volume, DirectoryRecord record, FileExtents extents)
    {
        bool isShown = !record.IsSelf && !record.IsParent && !record.IsInterleaved
            && (record.Flags & RecordFlags.Associated) == 0;
        if (!isShown) return null;
        byte[] area = volume.Names == NameStyle.RockRidge ? record.SystemUse : [];
        SystemUse use = SystemUse.Read(volume.Disc, area, volume.SkippedBytes);
        if (use.IsMoved || use.IsSpecial) return null;
        if (IsoNames.Of(record, use, volume.Names) is not { } name) return null;
        return new IsoEntry
        {
            Number = record.Offset, Name = name, Extents = extents, TimeNs = record.TimeNs,
            Directory = PlaceOf(volume, record, use),
        };
    }

    private static IsoDirectory? PlaceOf(IsoVolume volume, DirectoryRecord record, SystemUse use)
    {
        if (use.MovedTo is { } place)
        {
            // How long it is, only its own entry for itself says.
            return new IsoDirectory(
                place, DirectoryRecord.Read(volume.Disc, place)?.LengthBytes ?? 0);
        }
        bool isDirectory = (record.Flags & RecordFlags.Directory) != 0;
        return isDirectory ? new IsoDirectory(record.FirstByte, record.LengthBytes) : null;
    }
}

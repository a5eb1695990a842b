// Walks the entries of one directory, in the order of the disc.
//
// Rules: every record takes at least a step forward, so a walk ends where the directory ends.

using System;
using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

internal sealed class DirectoryScanner
{
    private readonly IsoVolume _volume;
    private readonly IsoDirectory _directory;
    private readonly ulong _firstShown;
    private ulong _at;

    /// <param name="cookie">From <see cref="Cookie"/>; 0 for the start.</param>
    public DirectoryScanner(IsoVolume volume, IsoDirectory directory, ulong cookie)
    {
        directory.RequireInside(volume.Disc);
        _volume = volume;
        _directory = directory;
        _firstShown = directory.FirstByte + Math.Min(cookie, directory.LengthBytes);
        // Only a sector is sure to begin with a record, whatever the cookie says.
        _at = _firstShown - _firstShown % IsoVolume.SectorBytes;
    }

    /// <summary>Where to go on after the last entry; never 0.</summary>
    public ulong Cookie => _at - _directory.FirstByte;

    /// <summary>The next entry that is shown, or null at the end.</summary>
    public IsoEntry? Next()
    {
        while (_at < _directory.EndByte)
        {
            if (DirectoryRecord.Read(_volume.Disc, _at) is not { } record)
            {
                _at += IsoVolume.SectorBytes - _at % IsoVolume.SectorBytes;
                continue;
            }
            FileExtents extents =
                FileExtents.Read(_volume.Disc, record, _directory.EndByte);
            _at = extents.EndOfRecords;
            if (record.Offset < _firstShown) continue;
            if (IsoEntry.From(_volume, record, extents) is { } entry) return entry;
        }
        return null;
    }
}

// That what a volume calls a directory is one, and that a path does not lead back into itself.
//
// A directory's entry for its parent is not believed: libisofs (xorriso) writes wrong ones into the
// Joliet tree.

using System.Collections.Generic;
using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

internal sealed class DirectoryCheck(IsoVolume volume)
{
    private readonly HashSet<ulong> _entered = [];

    /// <summary>For each directory of a path in its order; VolumeDamagedException if not.</summary>
    public void Enter(IsoDirectory directory)
    {
        directory.RequireInside(volume.Disc);
        DirectoryRecord? self = DirectoryRecord.Read(volume.Disc, directory.FirstByte);
        if (self is not { IsSelf: true } || self.FirstByte != directory.FirstByte)
            throw Bad(directory, "does not begin with itself");
        if (!_entered.Add(directory.FirstByte)) throw Bad(directory, "is in itself");
    }

    private static VolumeDamagedException Bad(IsoDirectory directory, string fault) =>
        new($"the directory at {directory.FirstByte} {fault}");
}

// Names that were removed, and that the disk still has until the next write-back.
//
// A directory must not have two entries of one name, not even after a power cut. So such a name is
// used again only in the same block, where both changes are one, or after a write-back; such a
// short name is not used for another long one.
// Rules: empty after a death, since a start begins with a write-back.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;

namespace Servers.FatFs.Trees;

internal sealed class GoneNames(WriteBack writeBack)
{
    private sealed record Gone(uint Directory, string Name, ulong[] Blocks, ShortName ShortName);

    private readonly List<Gone> _settled = [];
    private readonly List<Gone> _added = [];
    private ulong _rounds;

    public void Add(string name, EntryPlace place, ulong[] blocks, ShortName shortName) =>
        _added.Add(new Gone(place.Directory, name, blocks, shortName));

    /// <summary>What the disk may still have when the next entry comes to it.</summary>
    public IEnumerable<ShortName> ShortNamesOf(uint directory)
    {
        Forget();
        foreach (Gone gone in _settled)
        {
            if (gone.Directory == directory) yield return gone.ShortName;
        }
    }

    /// <summary>The name was added at a place; asks for a write-back where it must wait.</summary>
    public void RequireNone(
        string name, ShortName shortName, EntryPlace place, ulong[] blocks)
    {
        Forget();
        foreach (Gone gone in _settled)
        {
            bool isSame = gone.Directory == place.Directory
                && (gone.ShortName == shortName || NameRules.AreSame(gone.Name, name));
            bool isAtOnce = blocks.Length == 1 && gone.Blocks.AsSpan().SequenceEqual(blocks);
            if (isSame && !isAtOnce) throw new WriteBackNeededException();
        }
    }

    public void Settle()
    {
        Forget();
        _settled.AddRange(_added);
        _added.Clear();
    }

    public void Abort() => _added.Clear();

    private void Forget()
    {
        if (_rounds == writeBack.Rounds) return;
        _settled.Clear();
        _rounds = writeBack.Rounds;
    }
}

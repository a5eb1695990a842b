// The mounts that Vfs knows, and which of them a path lies on.
//
// Rules: owns the root capability of each entry until it hands the entry out of the table again.
// Never changes in place: a new table replaces the old one whole.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts.Paths;

namespace Servers.Vfs;

/// <summary>One mount; the target is an absolute canonical path.</summary>
internal sealed record Mount(Handle Root, uint Id, string Target);

internal sealed class MountTable(IReadOnlyList<Mount> mounts)
{
    public static readonly MountTable Empty = new([]);

    public IReadOnlyList<Mount> Mounts { get; } = mounts;

    /// <summary>
    /// The mount whose target is the longest prefix of the path, in whole names, and where the
    /// rest of the path begins. Null when no mount covers it.
    /// </summary>
    public Mount? Match(string path, out int restOffset)
    {
        Mount? best = null;
        restOffset = 0;
        foreach (Mount mount in Mounts)
        {
            int rest = PathRules.RestOffset(mount.Target, path);
            if (rest < 0 || best != null && best.Target.Length >= mount.Target.Length) continue;
            best = mount;
            restOffset = rest;
        }
        return best;
    }

    /// <summary>True when both say the same of every path.</summary>
    public bool IsSameAs(MountTable other)
    {
        if (Mounts.Count != other.Mounts.Count) return false;
        for (int i = 0; i < Mounts.Count; i++)
        {
            if (Mounts[i].Id != other.Mounts[i].Id) return false;
            if (Mounts[i].Target != other.Mounts[i].Target) return false;
        }
        return true;
    }

    public MountTable Without(Mount mount)
    {
        List<Mount> rest = [.. Mounts];
        rest.Remove(mount);
        return new MountTable(rest);
    }
}

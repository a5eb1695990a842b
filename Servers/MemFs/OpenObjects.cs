// Which node each badge stands for.
//
// Rules: badge 1 is the root directory for ever. Other badges are never used twice, also not by a
// later incarnation: counting starts at the clock, which is always ahead of the badges ever used.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.MemFs;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(MemNode Node, OpenMode Mode);

internal sealed class OpenObjects
{
    public static readonly Badge RootBadge = new(1);

    private readonly MemTree _tree;
    private readonly Dictionary<Badge, OpenObject> _objects = [];
    private ulong _lastBadge;

    public OpenObjects(MemTree tree, ulong nowNs)
    {
        _tree = tree;
        _lastBadge = RootBadge.Value + nowNs;
    }

    public int Count => _objects.Count;

    /// <summary>A badge that nobody has had; it stands for nothing until Add.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    public void Add(Badge badge, MemNode node, OpenMode mode)
    {
        _objects.Add(badge, new OpenObject(node, mode));
        _tree.Retain(node);
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        if (badge == RootBadge)
        {
            found = new OpenObject(_tree.Root, default);
            return true;
        }
        return _objects.TryGetValue(badge, out found);
    }

    /// <summary>Nobody has the badge any more. One of an earlier incarnation is ignored.</summary>
    public void Remove(Badge badge)
    {
        if (_objects.Remove(badge, out OpenObject removed)) _tree.Release(removed.Node);
    }
}

// What the swarm believes of capabilities: who holds which, below which parent, and which are dead.
//
// Independent of the kernel's table: nodes are never moved to another parent. A closed one stays
// while something hangs below it, and says nothing. Revoke marks all that is below.

using Shared.Abi;
using System.Collections.Generic;

namespace Tests.Simulation.Swarm;

sealed class ShadowCapability
{
    public ulong Handle;
    /// <summary>Null: a copy that a message under way holds.</summary>
    public SwarmProcess? Owner;
    public ObjectType Type;
    /// <summary>SwarmEndpoint, SwarmNotification, SwarmProcess or SwarmThread; else null.</summary>
    public object? Target;
    public Rights Rights;
    public ulong Badge;
    public ShadowCapability? Parent;
    public readonly List<ShadowCapability> Children = [];
    /// <summary>An ancestor was revoked since it was made.</summary>
    public bool IsDead;
    /// <summary>Closed, or its holder has died.</summary>
    public bool IsGone;
    /// <summary>Closed for later.</summary>
    public bool IsLate;
    /// <summary>Calls in flight through it.</summary>
    public int Pins;
    /// <summary>Place in its owner's list, and among its parent's children.</summary>
    public int Place, ChildPlace;

    public int Depth
    {
        get
        {
            int depth = 0;
            for (ShadowCapability? node = Parent; node is not null; node = node.Parent) depth++;
            return depth;
        }
    }
}

sealed class ShadowTree
{
    readonly Stack<ShadowCapability> pending = new();

    /// <summary>Capabilities that are neither dead nor gone, of each endpoint and badge.</summary>
    readonly Dictionary<(object, ulong), int> badges = [];

    public int CountOf(object endpoint, ulong badge) =>
        badges.GetValueOrDefault((endpoint, badge));

    /// <summary>A copy has the parent of its source; a dead source makes a dead copy.</summary>
    public ShadowCapability Copy(
        ShadowCapability source, Rights rights, SwarmProcess? owner, ulong handle) =>
        source.IsDead
            ? Add(new() { IsDead = true, Handle = handle, Owner = owner }, null)
            : Add(new()
            {
                Handle = handle, Owner = owner, Type = source.Type, Target = source.Target,
                Rights = source.Rights & rights, Badge = source.Badge,
            }, source.Parent);

    public ShadowCapability Add(ShadowCapability node, ShadowCapability? parent)
    {
        node.Parent = parent;
        if (parent is not null)
        {
            node.ChildPlace = parent.Children.Count;
            parent.Children.Add(node);
        }

        if (node.Owner is { } owner) owner.Add(node);
        if (!node.IsDead) Count(node, 1);
        return node;
    }

    public void RevokeBelow(ShadowCapability node)
    {
        foreach (ShadowCapability child in node.Children) pending.Push(child);
        while (pending.TryPop(out ShadowCapability? next))
        {
            foreach (ShadowCapability child in next.Children) pending.Push(child);
            Kill(next);
        }
    }

    public void RevokeWith(ShadowCapability node)
    {
        RevokeBelow(node);
        Kill(node);
    }

    void Kill(ShadowCapability node)
    {
        if (!node.IsDead && !node.IsGone) Count(node, -1);
        node.IsDead = true;
    }

    public void Remove(ShadowCapability node)
    {
        if (node.IsGone) return;
        if (!node.IsDead) Count(node, -1);
        node.IsGone = true;
        node.Owner?.Remove(node);
        Prune(node);
    }

    public void Unpin(ShadowCapability node)
    {
        node.Pins--;
        Prune(node);
    }

    static void Prune(ShadowCapability node)
    {
        while (node.IsGone && node.Pins == 0 && node.Children.Count == 0
            && node.Parent is { } parent)
        {
            ShadowCapability last = parent.Children[^1];
            parent.Children[node.ChildPlace] = last;
            last.ChildPlace = node.ChildPlace;
            parent.Children.RemoveAt(parent.Children.Count - 1);
            node.Parent = null;
            node = parent;
        }
    }

    void Count(ShadowCapability node, int change)
    {
        if (node.Type != ObjectType.Endpoint || node.Badge == 0) return;
        (object, ulong) key = (node.Target!, node.Badge);
        int count = badges.GetValueOrDefault(key) + change;
        if (count == 0) badges.Remove(key);
        else badges[key] = count;
    }
}

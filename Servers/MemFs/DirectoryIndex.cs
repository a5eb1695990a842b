// Which entries a directory has: by name, through buckets that all directories share, and in the
// order in which they were added, as a chain.
//
// Rules: all of it lies in the vault, so a start makes no index. Cookies only grow and are never
// used twice: a listing that goes on after any change skips nothing that stayed. A cookie says
// which record had it, so that going on costs nothing.

using System;
using Servers.MemFs.Vaults;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed class DirectoryIndex(MemVault vault)
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    private readonly UndoLog _log = vault.Log;
    private readonly VaultLayout _layout = vault.Layout;
    private readonly NodeTable _nodes = vault.Nodes;
    private readonly NameWords _name = new();

    public Node? Find(Node directory, ReadOnlySpan<byte> name)
    {
        _name.Set(name);
        NodeKey parent = directory.Key;
        SlotLink link = BucketOf(parent, _name.Hash, out _);
        while (!link.IsNone)
        {
            Node node = _nodes.Open(link);
            if (node.HasName(_name) && node.Parent == parent) return node;
            link = node.NextInBucket;
        }
        return null;
    }

    /// <summary>
    /// The node is the last entry of the directory, by the name that Find was asked for last and
    /// has not found.
    /// </summary>
    /// <param name="serial">For the cookie.</param>
    public void Add(Node directory, Node node, ulong serial)
    {
        NodeKey parent = directory.Key;
        SlotLink rest = BucketOf(parent, _name.Hash, out ulong bucket);
        SlotLink link = SlotLink.To(node.Slot);
        node.SetName(_name, rest);
        _log.SetChecked(bucket, link.Value);
        node.Parent = parent;
        node.Cookie = serial << NodeKey.SlotBits | (uint)node.Slot;
        SlotLink last = directory.Last;
        node.Neighbours = new Neighbours(last, default);
        if (!last.IsNone) SetNext(last, link);
        directory.SetEntries(last.IsNone ? link : directory.First, link);
    }

    /// <summary>The node has its parent and cookie still, which count for nothing.</summary>
    public void Remove(Node directory, Node node)
    {
        LeaveBucket(node);
        (SlotLink previous, SlotLink next) = node.Neighbours;
        if (!previous.IsNone) SetNext(previous, next);
        if (!next.IsNone) SetPrevious(next, previous);
        if (!previous.IsNone && !next.IsNone) return;
        directory.SetEntries(
            previous.IsNone ? next : directory.First, next.IsNone ? previous : directory.Last);
    }

    /// <summary>The entry after a cookie, in the order of adding.</summary>
    public SlotLink After(Node directory, ulong cookie)
    {
        if (cookie == 0) return directory.First;
        // While the entry that had the cookie is there, the listing goes on where it stopped.
        Node last = _nodes.Peek((int)(cookie & (1UL << NodeKey.SlotBits) - 1)) ?? directory;
        bool isThere = last.KeyAndType != 0
            && last.Cookie == cookie && last.Parent == directory.Key;
        SlotLink link = isThere ? last.Neighbours.Next : directory.First;
        while (!link.IsNone)
        {
            Node node = _nodes.Open(link);
            if (node.Cookie > cookie) break;
            link = node.Neighbours.Next;
        }
        return link;
    }

    private void LeaveBucket(Node node)
    {
        SlotLink link = BucketOf(node.Parent, node.NameHash, out ulong bucket);
        if (link == SlotLink.To(node.Slot))
        {
            _log.SetChecked(bucket, node.NextInBucket.Value);
            return;
        }
        Node before = _nodes.Open(link);
        while (before.NextInBucket != SlotLink.To(node.Slot))
        {
            before = _nodes.Open(before.NextInBucket);
        }
        before.NextInBucket = node.NextInBucket;
    }

    private SlotLink BucketOf(NodeKey parent, uint nameHash, out ulong bucket)
    {
        ulong mixed = (parent.Value ^ (ulong)nameHash << 32 ^ nameHash) * Multiplier;
        bucket = _layout.NameBucket((int)(mixed >> 40) & (_layout.NameBuckets - 1));
        return new SlotLink(_log.LoadChecked(bucket));
    }

    private void SetNext(SlotLink of, SlotLink next)
    {
        Node node = _nodes.Open(of);
        node.Neighbours = node.Neighbours with { Next = next };
    }

    private void SetPrevious(SlotLink of, SlotLink previous)
    {
        Node node = _nodes.Open(of);
        node.Neighbours = node.Neighbours with { Previous = previous };
    }
}

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

    private readonly NodeTable _nodes = vault.Nodes;
    private readonly NameWords _name = new();

    public Node? Find(Node directory, ReadOnlySpan<char> name)
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

    /// <summary>The node is the last entry of the directory; the name is free.</summary>
    public void Add(Node directory, ReadOnlySpan<char> name, Node node)
    {
        _name.Set(name);
        node.SetName(_name);
        node.Parent = directory.Key;
        node.Cookie = vault.Head.NextCookie() << NodeKey.SlotBits | (uint)node.Slot;
        SlotLink link = SlotLink.To(node.Slot);
        node.NextInBucket = BucketOf(node.Parent, node.NameHash, out ulong bucket);
        vault.Log.SetChecked(bucket, link.Value);
        SlotLink last = directory.Last;
        node.Previous = last;
        node.Next = default;
        if (!last.IsNone) SetNext(last, link);
        directory.SetEntries(last.IsNone ? link : directory.First, link);
        directory.Count++;
    }

    public void Remove(Node directory, Node node)
    {
        LeaveBucket(node);
        SlotLink previous = node.Previous;
        SlotLink next = node.Next;
        if (!previous.IsNone) SetNext(previous, next);
        if (!next.IsNone) SetPrevious(next, previous);
        SlotLink self = SlotLink.To(node.Slot);
        SlotLink first = directory.First;
        SlotLink last = directory.Last;
        directory.SetEntries(first == self ? next : first, last == self ? previous : last);
        directory.Count--;
        node.Parent = default;
    }

    /// <summary>The entry after a cookie, in the order of adding; null at the end.</summary>
    public Node? Next(Node directory, ulong cookie)
    {
        // While the entry that had the cookie is there, the listing goes on where it stopped.
        Node last = _nodes.Peek((int)(cookie & (1UL << NodeKey.SlotBits) - 1)) ?? directory;
        bool isThere = last.KeyAndType != 0
            && last.Cookie == cookie && last.Parent == directory.Key;
        SlotLink link = isThere ? last.Next : directory.First;
        while (!link.IsNone)
        {
            Node node = _nodes.Open(link);
            if (node.Cookie > cookie) return node;
            link = node.Next;
        }
        return null;
    }

    private void LeaveBucket(Node node)
    {
        SlotLink link = BucketOf(node.Parent, node.NameHash, out ulong bucket);
        if (link == SlotLink.To(node.Slot))
        {
            vault.Log.SetChecked(bucket, node.NextInBucket.Value);
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
        bucket = vault.Layout.NameBucket(
            (int)(mixed >> 40) & (vault.Layout.NameBuckets - 1));
        return new SlotLink(vault.Log.LoadChecked(bucket));
    }

    private void SetNext(SlotLink of, SlotLink next)
    {
        Node node = _nodes.Open(of);
        node.Next = next;
    }

    private void SetPrevious(SlotLink of, SlotLink previous)
    {
        Node node = _nodes.Open(of);
        node.Previous = previous;
    }
}

// The tree of one mount: lookup by path, and every change of names.
//
// Rules: paths are UTF-8, and were checked with PathRules before. Each operation first finds out
// whether it can be done, then does it: on any Status but Ok nothing has changed. A deleted node
// that is open lives on until nobody holds it. Everything is in the vault, and every change is
// words of its transaction in progress.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;

namespace Servers.MemFs;

internal sealed class MemTree
{
    private readonly MemVault _vault;
    private readonly NodeTable _nodes;
    private readonly DirectoryIndex _index;
    private readonly Orphans _orphans;
    private readonly Func<ulong> _nowNs;

    /// <summary>The tree that the vault holds; of a new vault, a root without entries.</summary>
    public MemTree(MemVault vault, Func<ulong> nowNs)
    {
        _vault = vault;
        _nodes = vault.Nodes;
        Bytes = new FileBytes(vault);
        Objects = new OpenObjects(vault);
        _index = new DirectoryIndex(vault);
        _orphans = new Orphans(vault);
        _nowNs = nowNs;
        if (vault.IsNew && _nodes.Count == 0)
            _nodes.Take(NodeKey.Root.Number, FileType.Directory, nowNs());
        Root = _nodes.Get(NodeKey.Root);
    }

    public Node Root { get; }
    public FileBytes Bytes { get; }
    public OpenObjects Objects { get; }
    public int Nodes => _nodes.Count;

    public bool IsLinked(Node node) => !node.Parent.IsNone || node == Root;

    /// <summary>On NotFound and NotDirectory, the node is how far the path led.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Status Find(Node from, ReadOnlySpan<byte> path, out Node node) =>
        Find(from, path, out node, out _);

    /// <param name="isLast">NotFound is only the last name of the path, in a directory.</param>
    public Status Find(Node from, ReadOnlySpan<byte> path, out Node node, out bool isLast)
    {
        node = from;
        isLast = false;
        while (!path.IsEmpty)
        {
            if (!node.IsDirectory) return Status.NotDirectory;
            if (_index.Find(node, PathRules.TakeFirst(ref path)) is not { } next)
            {
                isLast = path.IsEmpty;
                return Status.NotFound;
            }
            node = next;
        }
        return Status.Ok;
    }

    /// <summary>The entry after a cookie, in the order of adding; none at the end.</summary>
    public SlotLink After(Node directory, ulong cookie) => _index.After(directory, cookie);

    /// <summary>An empty file where nothing is; AlreadyExists with what is there.</summary>
    public Status MakeFile(Node from, ReadOnlySpan<byte> path, out Node node)
    {
        Status status = FindVacancy(from, path, out Node parent, out node);
        if (status != Status.Ok) return status;
        node = Make(parent, FileType.File);
        return Status.Ok;
    }

    /// <summary>
    /// An empty file with the name that Find has asked for last, and that the directory lacks.
    /// </summary>
    public Status MakeMissing(Node directory, out Node node)
    {
        node = directory;
        Status status = StatusOfAdding(directory);
        if (status == Status.Ok) node = Make(directory, FileType.File);
        return status;
    }

    public Status MakeDirectory(Node from, ReadOnlySpan<byte> path)
    {
        Status status = FindVacancy(from, path, out Node parent, out _);
        if (status != Status.Ok) return status;
        Make(parent, FileType.Directory);
        return Status.Ok;
    }

    public Status RemoveFile(Node from, ReadOnlySpan<byte> path)
    {
        Status status = Find(from, path, out Node node);
        if (status != Status.Ok) return status;
        if (node.IsDirectory) return Status.IsDirectory;
        Unlink(node);
        return Status.Ok;
    }

    public Status RemoveDirectory(Node from, ReadOnlySpan<byte> path)
    {
        if (path.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, path, out Node node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        if (!node.First.IsNone) return Status.NotEmpty;
        Unlink(node);
        return Status.Ok;
    }

    public Status Rename(
        Node from, ReadOnlySpan<byte> sourcePath, ReadOnlySpan<byte> targetPath)
    {
        if (sourcePath.Length == 0 || targetPath.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, sourcePath, out Node source);
        if (status != Status.Ok) return status;
        status = FindVacancy(from, targetPath, out Node parent, out Node existing);
        bool isReplacing = status == Status.AlreadyExists;
        // A rename adds no node, so a full tree does not hinder it.
        if (!isReplacing && status is not (Status.Ok or Status.NoSpace)) return status;
        if (isReplacing && existing == source) return Status.Ok;
        if (IsInside(parent, source)) return Status.BadArgument;
        if (isReplacing)
        {
            status = CheckReplace(source, existing);
            if (status != Status.Ok) return status;
            Unlink(existing);
        }
        Node oldParent = _nodes.Get(source.Parent);
        _index.Remove(oldParent, source);
        _index.Add(parent, source, _vault.Head.NextSerial());
        oldParent.ModifiedNs = parent.ModifiedNs = _nowNs();
        return Status.Ok;
    }

    /// <summary>A node that has a name, by its key; null when it was deleted.</summary>
    public Node? FindLinked(NodeKey key) =>
        _nodes.Find(key) is { } node && IsLinked(node) ? node : null;

    /// <summary>Nobody has a badge of the node any more.</summary>
    public void Reclaim(Node node, Badge badge)
    {
        if (!node.IsOrphan || Objects.IsHeld(node, badge)) return;
        _orphans.Remove(node);
        Free(node);
    }

    /// <summary>Nodes that were deleted and that nobody holds.</summary>
    public List<NodeKey> Gone()
    {
        List<NodeKey> gone = [];
        for (SlotLink link = _orphans.First; !link.IsNone;)
        {
            Node node = _nodes.Open(link);
            if (!Objects.IsHeld(node)) gone.Add(node.Key);
            link = node.Neighbours.Next;
        }
        return gone;
    }

    public void Reclaim(NodeKey gone)
    {
        if (_nodes.Find(gone) is { } node) Reclaim(node, default);
    }

    /// <summary>Frees what the last transaction has cut off; before the next request.</summary>
    public void FinishShrinking()
    {
        while (_vault.Head.Shrinking is { IsNone: false } key)
        {
            Node node = _nodes.Get(key);
            if (Bytes.Shrink(node))
            {
                _vault.Head.Shrinking = default;
                if (!IsLinked(node) && !node.IsOrphan) _nodes.Release(node);
            }
            _vault.Commit();
        }
    }

    /// <summary>The status of removing or moving a directory by its empty path.</summary>
    private Status StatusOfUnnamed(Node directory) =>
        directory == Root ? Status.IsMount : Status.InvalidName;

    private static Status CheckReplace(Node source, Node replaced)
    {
        if (!source.IsDirectory) return replaced.IsDirectory ? Status.IsDirectory : Status.Ok;
        if (!replaced.IsDirectory) return Status.NotDirectory;
        return replaced.First.IsNone ? Status.Ok : Status.NotEmpty;
    }

    private bool IsInside(Node directory, Node ancestor)
    {
        Node node = directory;
        while (node != ancestor)
        {
            if (node.Parent.IsNone) return false;
            node = _nodes.Get(node.Parent);
        }
        return true;
    }

    /// <summary>
    /// Ok with a directory and a free name in it. AlreadyExists with the node that has the name. In
    /// all other cases the node is the last directory that was reached.
    /// </summary>
    private Status FindVacancy(
        Node from, ReadOnlySpan<byte> path, out Node parent, out Node node)
    {
        int split = path.LastIndexOf((byte)'/');
        ReadOnlySpan<byte> name = path[(split + 1)..];
        parent = from;
        Status status = Find(from, path[..Math.Max(split, 0)], out node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        parent = node;
        if (name.Length == 0) return Status.AlreadyExists;
        if (_index.Find(parent, name) is { } existing)
        {
            node = existing;
            return Status.AlreadyExists;
        }
        return StatusOfAdding(parent);
    }

    private Status StatusOfAdding(Node directory)
    {
        if (!IsLinked(directory)) return Status.NotFound;
        return _nodes.IsFull || _vault.Head.IsSpent ? Status.NoSpace : Status.Ok;
    }

    private Node Make(Node parent, FileType type)
    {
        ulong serial = _vault.Head.NextSerial(), nowNs = _nowNs();
        Node node = _nodes.Take(serial, type, nowNs);
        _index.Add(parent, node, serial);
        parent.ModifiedNs = nowNs;
        return node;
    }

    private void Unlink(Node node)
    {
        Node parent = _nodes.Get(node.Parent);
        _index.Remove(parent, node);
        parent.ModifiedNs = _nowNs();
        if (Objects.IsHeld(node)) _orphans.Add(node);
        else Free(node);
    }

    private void Free(Node node)
    {
        // Its record goes when its chunks have, which may take transactions of their own.
        if (node.IsDirectory || Bytes.Discard(node))
        {
            _nodes.Release(node);
            return;
        }
        node.Parent = default;
        node.IsOrphan = false;
    }
}

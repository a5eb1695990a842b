// The tree of one mount: lookup by path, and every change of names.
//
// Rules: paths were checked with PathRules before. Each operation first finds out whether it can be
// done, then does it: on any Status but Ok nothing has changed. A deleted node that is open lives
// on until it is released as often as it was retained. Everything is in the vault, and every change
// is words of its transaction in progress.

using System;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.MemFs;

internal sealed class MemTree
{
    private static readonly NodeKey s_root = new(number: 1, slot: 0);

    private readonly MemVault _vault;
    private readonly NodeTable _nodes;
    private readonly DirectoryIndex _index;
    private readonly Func<ulong> _nowNs;

    /// <summary>The tree that the vault holds; of a new vault, a root without entries.</summary>
    public MemTree(MemVault vault, Func<ulong> nowNs)
    {
        _vault = vault;
        _nodes = vault.Nodes;
        Bytes = new FileBytes(vault);
        _index = new DirectoryIndex(vault);
        _nowNs = nowNs;
        if (vault.IsNew && _nodes.Count == 0) Touch(NewNode(FileType.Directory));
        Root = _nodes.Get(s_root);
    }

    public Node Root { get; }
    public FileBytes Bytes { get; }
    public int Nodes => _nodes.Count;

    public bool IsLinked(Node node) => !node.Parent.IsNone || node == Root;

    public Status Find(Node from, ReadOnlySpan<char> path, out Node node)
    {
        node = from;
        while (!path.IsEmpty)
        {
            if (!node.IsDirectory) return Status.NotDirectory;
            if (_index.Find(node, PathRules.TakeFirst(ref path)) is not { } next)
            {
                return Status.NotFound;
            }
            node = next;
        }
        return Status.Ok;
    }

    /// <summary>The entry after a cookie, in the order of adding; null at the end.</summary>
    public Node? Next(Node directory, ulong cookie) => _index.Next(directory, cookie);

    /// <summary>The next one in the same order, while nothing changes; null at the end.</summary>
    public Node? NextAfter(NodeRecord entry) =>
        entry.Next.IsNone ? null : _nodes.Open(entry.Next);

    /// <summary>An empty file where nothing is; AlreadyExists with what is there.</summary>
    public Status MakeFile(Node from, string path, out Node node)
    {
        Status status = FindVacancy(from, path, out Node parent, out string name, out node);
        if (status != Status.Ok) return status;
        node = NewNode(FileType.File);
        Link(parent, name, node);
        return Status.Ok;
    }

    public Status MakeDirectory(Node from, string path)
    {
        Status status = FindVacancy(from, path, out Node parent, out string name, out _);
        if (status != Status.Ok) return status;
        Link(parent, name, NewNode(FileType.Directory));
        return Status.Ok;
    }

    public Status RemoveFile(Node from, string path)
    {
        Status status = Find(from, path, out Node node);
        if (status != Status.Ok) return status;
        if (node.IsDirectory) return Status.IsDirectory;
        Unlink(node);
        return Status.Ok;
    }

    public Status RemoveDirectory(Node from, string path)
    {
        if (path.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, path, out Node node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        if (node.Count != 0) return Status.NotEmpty;
        Unlink(node);
        return Status.Ok;
    }

    public Status Rename(Node from, string sourcePath, string targetPath)
    {
        if (sourcePath.Length == 0 || targetPath.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, sourcePath, out Node source);
        if (status != Status.Ok) return status;
        status = FindVacancy(
            from, targetPath, out Node parent, out string name, out Node existing);
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
        _index.Add(parent, name, source);
        Touch(oldParent);
        if (parent != oldParent) Touch(parent);
        return Status.Ok;
    }

    /// <summary>A node that has a name, by its key; null when it was deleted.</summary>
    public Node? FindLinked(NodeKey key) =>
        _nodes.Find(key) is { } node && IsLinked(node) ? node : null;

    /// <summary>One capability less names the node.</summary>
    public void Release(Node node)
    {
        node.Holders = node.Holders with { Open = node.Holders.Open - 1 };
        Reclaim(node);
    }

    /// <summary>One capability more names the node.</summary>
    public void Retain(Node node) =>
        node.Holders = node.Holders with { Open = node.Holders.Open + 1 };

    /// <summary>Frees what the last transaction has cut off; before the next request.</summary>
    public void FinishShrinking()
    {
        while (_vault.Head.Shrinking is { IsNone: false } key)
        {
            Node node = _nodes.Get(key);
            if (Bytes.Shrink(node))
            {
                _vault.Head.Shrinking = default;
                Reclaim(node);
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
        return replaced.Count == 0 ? Status.Ok : Status.NotEmpty;
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
        Node from, string path, out Node parent, out string name, out Node node)
    {
        int split = path.LastIndexOf('/');
        name = path[(split + 1)..];
        parent = from;
        Status status = Find(from, path.AsSpan(0, Math.Max(split, 0)), out node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        parent = node;
        if (name.Length == 0) return Status.AlreadyExists;
        if (_index.Find(parent, name) is { } existing)
        {
            node = existing;
            return Status.AlreadyExists;
        }
        if (!IsLinked(parent)) return Status.NotFound;
        return _nodes.IsFull ? Status.NoSpace : Status.Ok;
    }

    private void Link(Node parent, string name, Node node)
    {
        _index.Add(parent, name, node);
        Touch(node);
        Touch(parent);
    }

    private void Unlink(Node node)
    {
        Node parent = _nodes.Get(node.Parent);
        _index.Remove(parent, node);
        Touch(parent);
        Reclaim(node);
    }

    private void Reclaim(Node node)
    {
        if (node.Holders.Open != 0 || IsLinked(node)) return;
        // Its record goes when its chunks have, which may take transactions of their own.
        if (!node.IsDirectory && !Bytes.Discard(node)) return;
        _nodes.Release(node);
    }

    private Node NewNode(FileType type) =>
        _nodes.Take(_vault.Head.NextNumber(), type, _nowNs());

    private void Touch(Node node) => node.ModifiedNs = _nowNs();
}

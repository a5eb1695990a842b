// The tree of one mount: lookup by path, and every change of names.
//
// Rules: paths were checked with PathRules before. Each operation first finds out whether it can be
// done, then does it: on any Status but Ok nothing has changed. A deleted node that is open lives
// on until it is released as often as it was retained.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.MemFs;

internal sealed class MemTree
{
    private readonly ChunkStore _store;
    private readonly Func<ulong> _nowNs;
    private readonly int _maxNodes;
    private ulong _lastNumber;
    private int _nodes;

    /// <param name="maxNodes">Files and directories at once, deleted but open included.</param>
    public MemTree(ChunkStore store, int maxNodes, Func<ulong> nowNs)
    {
        _store = store;
        _maxNodes = maxNodes;
        _nowNs = nowNs;
        Root = new MemDirectory(++_lastNumber) { ModifiedNs = nowNs() };
        _nodes = 1;
    }

    public MemDirectory Root { get; }
    public int Nodes => _nodes;

    public bool IsLinked(MemNode node) => node.Parent != null || node == Root;

    public Status Find(MemDirectory from, ReadOnlySpan<char> path, out MemNode node)
    {
        node = from;
        while (!path.IsEmpty)
        {
            if (node is not MemDirectory directory) return Status.NotDirectory;
            if (directory.Find(PathRules.TakeFirst(ref path)) is not { } next)
            {
                return Status.NotFound;
            }
            node = next;
        }
        return Status.Ok;
    }

    /// <summary>An empty file where nothing is; AlreadyExists with what is there.</summary>
    public Status MakeFile(MemDirectory from, string path, out MemNode node)
    {
        Status status = FindVacancy(from, path, out MemDirectory parent, out string name, out node);
        if (status != Status.Ok) return status;
        node = new MemFile(++_lastNumber, _store);
        Link(parent, name, node);
        return Status.Ok;
    }

    public Status MakeDirectory(MemDirectory from, string path)
    {
        Status status = FindVacancy(from, path, out MemDirectory parent, out string name, out _);
        if (status != Status.Ok) return status;
        Link(parent, name, new MemDirectory(++_lastNumber));
        return Status.Ok;
    }

    public Status RemoveFile(MemDirectory from, string path)
    {
        Status status = Find(from, path, out MemNode node);
        if (status != Status.Ok) return status;
        if (node is MemDirectory) return Status.IsDirectory;
        Unlink(node);
        return Status.Ok;
    }

    public Status RemoveDirectory(MemDirectory from, string path)
    {
        if (path.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, path, out MemNode node);
        if (status != Status.Ok) return status;
        if (node is not MemDirectory directory) return Status.NotDirectory;
        if (directory.Count != 0) return Status.NotEmpty;
        Unlink(node);
        return Status.Ok;
    }

    public Status Rename(MemDirectory from, string sourcePath, string targetPath)
    {
        if (sourcePath.Length == 0 || targetPath.Length == 0) return StatusOfUnnamed(from);
        Status status = Find(from, sourcePath, out MemNode source);
        if (status != Status.Ok) return status;
        status = FindVacancy(
            from, targetPath, out MemDirectory parent, out string name, out MemNode existing);
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
        MemDirectory oldParent = source.Parent!;
        oldParent.Remove(source);
        parent.Add(name, source);
        oldParent.ModifiedNs = parent.ModifiedNs = _nowNs();
        return Status.Ok;
    }

    /// <summary>One capability more names the node.</summary>
    public void Retain(MemNode node) => node.OpenCount++;

    /// <summary>One capability less names the node.</summary>
    public void Release(MemNode node)
    {
        node.OpenCount--;
        Reclaim(node);
    }

    /// <summary>The status of removing or moving a directory by its empty path.</summary>
    private Status StatusOfUnnamed(MemDirectory directory) =>
        directory == Root ? Status.IsMount : Status.InvalidName;

    private static Status CheckReplace(MemNode source, MemNode replaced)
    {
        if (source is MemFile) return replaced is MemFile ? Status.Ok : Status.IsDirectory;
        if (replaced is not MemDirectory directory) return Status.NotDirectory;
        return directory.Count == 0 ? Status.Ok : Status.NotEmpty;
    }

    private static bool IsInside(MemDirectory directory, MemNode ancestor)
    {
        for (MemNode? node = directory; node != null; node = node.Parent)
        {
            if (node == ancestor) return true;
        }
        return false;
    }

    /// <summary>
    /// Ok with a directory and a free name in it. AlreadyExists with the node that has the name. In
    /// all other cases the node is the last directory that was reached.
    /// </summary>
    private Status FindVacancy(
        MemDirectory from, string path, out MemDirectory parent, out string name, out MemNode node)
    {
        int split = path.LastIndexOf('/');
        name = path[(split + 1)..];
        parent = from;
        Status status = Find(from, path.AsSpan(0, Math.Max(split, 0)), out node);
        if (status != Status.Ok) return status;
        if (node is not MemDirectory directory) return Status.NotDirectory;
        parent = directory;
        if (name.Length == 0) return Status.AlreadyExists;
        if (parent.Find(name) is { } existing)
        {
            node = existing;
            return Status.AlreadyExists;
        }
        if (!IsLinked(parent)) return Status.NotFound;
        return _nodes < _maxNodes ? Status.Ok : Status.NoSpace;
    }

    private void Link(MemDirectory parent, string name, MemNode node)
    {
        parent.Add(name, node);
        node.ModifiedNs = parent.ModifiedNs = _nowNs();
        _nodes++;
    }

    private void Unlink(MemNode node)
    {
        MemDirectory parent = node.Parent!;
        parent.Remove(node);
        parent.ModifiedNs = _nowNs();
        Reclaim(node);
    }

    private void Reclaim(MemNode node)
    {
        if (node.OpenCount != 0 || IsLinked(node)) return;
        (node as MemFile)?.Discard();
        _nodes--;
    }
}

// The tree of one mount: lookup by path, and every change of names.
//
// Rules: paths were checked with PathRules before. Each operation first finds out whether it can be
// done, then does it: on any Status but Ok nothing has changed. A deleted node that is open lives
// on until it is released as often as it was retained. Every change is words of the vault's
// transaction in progress, too.

using System;
using System.Collections.Generic;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed class MemTree
{
    private const ulong RootNumber = 1;

    private readonly MemVault _vault;
    private readonly Func<ulong> _nowNs;
    /// <summary>Of the start; names what open capabilities stand for.</summary>
    private readonly Dictionary<ulong, MemNode> _restored = [];
    private int _nodes;

    /// <summary>The tree that the vault holds; of a new vault, a root without entries.</summary>
    public MemTree(MemVault vault, Func<ulong> nowNs)
    {
        _vault = vault;
        _nowNs = nowNs;
        Root = vault.IsNew ? MakeRoot() : Restore();
        _nodes = Math.Max(_restored.Count, 1);
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
        node = NewFile();
        Link(parent, name, node);
        return Status.Ok;
    }

    public Status MakeDirectory(MemDirectory from, string path)
    {
        Status status = FindVacancy(from, path, out MemDirectory parent, out string name, out _);
        if (status != Status.Ok) return status;
        Link(parent, name, NewDirectory());
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
        parent.Add(name, source, _vault.NextCookie());
        _vault.Nodes.SetPlace(source);
        oldParent.Touch(_nowNs());
        if (parent != oldParent) parent.Touch(_nowNs());
        return Status.Ok;
    }

    /// <summary>A node that has a name, by its number; looks at the whole tree.</summary>
    public MemNode? FindNumber(ulong number) => FindNumber(Root, number);

    private static MemNode? FindNumber(MemDirectory directory, ulong number)
    {
        if (directory.Number == number) return directory;
        for (ulong cookie = 0; directory.Next(cookie) is { } node; cookie = node.Cookie)
        {
            if (node.Number == number) return node;
            if (node is MemDirectory below && FindNumber(below, number) is { } found) return found;
        }
        return null;
    }

    /// <summary>A node that was there at the start, or null.</summary>
    public MemNode? ByNumber(ulong number) => _restored.GetValueOrDefault(number);

    /// <summary>All open capabilities are known: frees what has neither one nor a name.</summary>
    public void FinishRestore()
    {
        foreach (MemNode node in _restored.Values)
        {
            if (IsLinked(node)) continue;
            Reclaim(node);
            _vault.Commit();
        }
        _restored.Clear();
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
        return _nodes < _vault.Layout.MaxNodes ? Status.Ok : Status.NoSpace;
    }

    private void Link(MemDirectory parent, string name, MemNode node)
    {
        parent.Add(name, node, _vault.NextCookie());
        _vault.Nodes.SetPlace(node);
        node.Touch(_nowNs());
        parent.Touch(_nowNs());
        _nodes++;
    }

    private void Unlink(MemNode node)
    {
        MemDirectory parent = node.Parent!;
        parent.Remove(node);
        _vault.Nodes.SetPlace(node);
        parent.Touch(_nowNs());
        Reclaim(node);
    }

    private void Reclaim(MemNode node)
    {
        if (node.OpenCount != 0 || IsLinked(node)) return;
        (node as MemFile)?.Discard();
        _vault.Nodes.Release(node);
        _nodes--;
    }

    private MemFile NewFile()
    {
        ulong number = _vault.NextNumber();
        int slot = _vault.Nodes.Take(number, FileType.File, _nowNs());
        return new MemFile(number, slot, _vault.Nodes, _vault.Chunks);
    }

    private MemDirectory NewDirectory()
    {
        ulong number = _vault.NextNumber();
        int slot = _vault.Nodes.Take(number, FileType.Directory, _nowNs());
        return new MemDirectory(number, slot, _vault.Nodes);
    }

    private MemDirectory MakeRoot()
    {
        MemDirectory root = NewDirectory();
        root.Touch(_nowNs());
        return root;
    }

    /// <summary>Makes the index of what the vault holds.</summary>
    private MemDirectory Restore()
    {
        List<NodeRecord> records = _vault.Nodes.Load();
        // In the order of adding, so that each directory lists its entries as before.
        records.Sort(static (left, right) => left.Cookie.CompareTo(right.Cookie));
        foreach (NodeRecord record in records)
        {
            MemNode node = record.Type == FileType.Directory
                ? new MemDirectory(record.Number, record.Slot, _vault.Nodes)
                : new MemFile(record.Number, record.Slot, _vault.Nodes, _vault.Chunks);
            node.Restore(record);
            if (!_restored.TryAdd(record.Number, node))
            {
                throw new VaultDamagedException($"two nodes {record.Number}");
            }
        }
        foreach (NodeRecord record in records) RestoreLink(record);
        foreach (MemNode node in _restored.Values) _vault.Nodes.Count(node);
        _vault.Chunks.Load(Adopt);
        return ByNumber(RootNumber) as MemDirectory
            ?? throw new VaultDamagedException("no root directory");
    }

    private void RestoreLink(in NodeRecord record)
    {
        if (record.Parent == 0) return;
        bool isGood = ByNumber(record.Parent) is MemDirectory
            && PathRules.CheckName(record.Name) == Status.Ok;
        if (!isGood) throw new VaultDamagedException($"node {record.Number} has no place");
        MemDirectory parent = (MemDirectory)_restored[record.Parent];
        if (parent.Find(record.Name) != null)
        {
            throw new VaultDamagedException($"node {record.Number} has the name of another");
        }
        parent.Add(record.Name, _restored[record.Number], record.Cookie);
    }

    private Adoption Adopt(ulong number, uint chunkOfFile, ChunkId id) =>
        ByNumber(number) is MemFile file ? file.Adopt(chunkOfFile, id) : Adoption.No;
}

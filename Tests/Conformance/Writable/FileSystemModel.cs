// A file system so plain that it is right: a sorted table from path to bytes, null for directories.
//
// Rules: knows nothing of open files, times or space; the property test keeps away from those.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;

namespace Tests.Conformance.Writable;

internal sealed class FileSystemModel
{
    private readonly SortedDictionary<string, byte[]?> _nodes = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, byte[]?>> Nodes => _nodes;

    public Status Write(string path, int offset, byte[] bytes)
    {
        Status status = CheckParent(path);
        if (status != Status.Ok) return status;
        if (IsDirectory(path)) return Status.IsDirectory;
        byte[] old = _nodes.GetValueOrDefault(path) ?? [];
        int length = bytes.Length == 0 ? old.Length : Math.Max(old.Length, offset + bytes.Length);
        byte[] made = new byte[length];
        old.CopyTo(made, 0);
        if (bytes.Length != 0) bytes.CopyTo(made, offset);
        _nodes[path] = made;
        return Status.Ok;
    }

    public Status SetLength(string path, int length)
    {
        Status status = CheckFile(path);
        if (status != Status.Ok) return status;
        byte[] bytes = _nodes[path]!;
        Array.Resize(ref bytes, length);
        _nodes[path] = bytes;
        return Status.Ok;
    }

    public Status MakeDirectory(string path)
    {
        Status status = CheckParent(path);
        if (status != Status.Ok) return status;
        return _nodes.TryAdd(path, null) ? Status.Ok : Status.AlreadyExists;
    }

    public Status RemoveFile(string path)
    {
        Status status = CheckFile(path);
        if (status == Status.Ok) _nodes.Remove(path);
        return status;
    }

    public Status RemoveDirectory(string path)
    {
        Status status = CheckParent(path);
        if (status != Status.Ok) return status;
        if (!_nodes.ContainsKey(path)) return Status.NotFound;
        if (!IsDirectory(path)) return Status.NotDirectory;
        if (Below(path).Length != 0) return Status.NotEmpty;
        _nodes.Remove(path);
        return Status.Ok;
    }

    public Status Rename(string source, string target)
    {
        Status status = CheckParent(source);
        if (status != Status.Ok) return status;
        if (!_nodes.ContainsKey(source)) return Status.NotFound;
        status = CheckParent(target);
        if (status != Status.Ok) return status;
        if (source == target) return Status.Ok;
        if (target.StartsWith(source + "/", StringComparison.Ordinal)) return Status.BadArgument;
        if (_nodes.ContainsKey(target))
        {
            if (!IsDirectory(source) && IsDirectory(target)) return Status.IsDirectory;
            if (IsDirectory(source) && !IsDirectory(target)) return Status.NotDirectory;
            if (Below(target).Length != 0) return Status.NotEmpty;
        }
        foreach (string path in (string[])[source, .. Below(source)])
        {
            _nodes.Remove(path, out byte[]? bytes);
            _nodes[target + path[source.Length..]] = bytes;
        }
        return Status.Ok;
    }

    private bool IsDirectory(string path) =>
        _nodes.TryGetValue(path, out byte[]? bytes) && bytes == null;

    private string[] Below(string path) =>
        _nodes.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal)).ToArray();

    private Status CheckFile(string path)
    {
        Status status = CheckParent(path);
        if (status != Status.Ok) return status;
        if (!_nodes.ContainsKey(path)) return Status.NotFound;
        return IsDirectory(path) ? Status.IsDirectory : Status.Ok;
    }

    // The first part of the path that is missing or a file decides.
    private Status CheckParent(string path)
    {
        for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            if (!_nodes.ContainsKey(path[..end])) return Status.NotFound;
            if (!IsDirectory(path[..end])) return Status.NotDirectory;
        }
        return Status.Ok;
    }
}

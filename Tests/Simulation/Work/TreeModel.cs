// A file system so plain that it is right: a tree in memory, and the files that a client has open.
//
// Rules: answers are words, the same that OperationRunner makes of a real server's answers. An
// operation is applied when it has been answered; whether one that was not answered has happened is
// for the caller to find out, with a clone.

using Shared.Abi;
using Shared.Contracts;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Work;

public sealed class TreeModel
{
    sealed class Node
    {
        public SortedDictionary<string, Node>? Entries;
        public byte[] Bytes = [];

        public Node Clone() => new()
        {
            Bytes = Bytes,
            Entries = Entries is null ? null
                : new(Entries.ToDictionary(one => one.Key, one => one.Value.Clone()),
                    StringComparer.Ordinal),
        };
    }

    sealed class OpenFile(Node node, OpenMode mode)
    {
        public readonly Node Node = node;
        public readonly OpenMode Mode = mode;
        public LockMode Lock;
    }

    readonly OpenFile?[] open = new OpenFile?[Operation.Slots];
    Node root = new() { Entries = new(StringComparer.Ordinal) };

    /// <summary>The tree without open files, as a client that starts anew finds it.</summary>
    public TreeModel Clone() => new() { root = root.Clone() };

    /// <summary>See OperationRunner.Snapshot.</summary>
    public string Snapshot()
    {
        StringBuilder text = new();
        AddTree(text, root, "");
        return text.ToString();
    }

    public string Apply(Operation one) => one.Act switch
    {
        Act.Open => Open(one),
        Act.MakeDirectory => $"{MakeDirectory(one.Path)}",
        Act.RemoveDirectory => $"{RemoveDirectory(one.Path)}",
        Act.RemoveFile => $"{RemoveFile(one.Path)}",
        Act.Rename => $"{Rename(one.Path, one.Target)}",
        Act.List => List(one.Path),
        Act.Stat => Stat(one.Path),
        _ => open[one.Slot] is { } file ? ApplyToFile(one, file) : "closed",
    };

    string ApplyToFile(Operation one, OpenFile file)
    {
        switch (one.Act)
        {
            case Act.Close:
                open[one.Slot] = null;
                return "Ok";
            case Act.StatFile: return $"Ok {file.Node.Bytes.Length}";
            case Act.Lock: return $"{Lock(file, (LockMode)one.Number)}";
            case Act.Read:
                if (!file.Mode.HasFlag(OpenMode.Read)) return "NoRight";
                int from = Math.Min(one.Number, file.Node.Bytes.Length);
                int count = Math.Min(one.LengthBytes, file.Node.Bytes.Length - from);
                return $"Ok {Sum(file.Node.Bytes.AsSpan(from, count))}";
        }

        if (!file.Mode.HasFlag(OpenMode.Write)) return "NoRight";
        int length = file.Node.Bytes.Length;
        bool isAtEnd = one.Act == Act.Append || file.Mode.HasFlag(OpenMode.Append);
        switch (one.Act)
        {
            case Act.SetLength:
                Resize(file.Node, one.Number);
                return "Ok";
            default:
                int offset = isAtEnd ? length : one.Number;
                Resize(file.Node, Math.Max(length, offset + one.LengthBytes));
                one.Bytes().CopyTo(file.Node.Bytes, offset);
                return one.Act == Act.Append
                    ? $"Ok {offset + one.LengthBytes}" : $"Ok {one.LengthBytes}";
        }
    }

    /// <summary>Nobody else sees the old array: clones share it.</summary>
    static void Resize(Node node, int length)
    {
        byte[] bytes = new byte[length];
        node.Bytes.AsSpan(0, Math.Min(length, node.Bytes.Length)).CopyTo(bytes);
        node.Bytes = bytes;
    }

    Status Lock(OpenFile file, LockMode mode)
    {
        foreach (OpenFile? other in open)
        {
            if (other is null || other == file || other.Node != file.Node) continue;
            bool isRefused = mode == LockMode.Exclusive ? other.Lock != LockMode.None
                : mode == LockMode.Shared && other.Lock == LockMode.Exclusive;
            if (isRefused) return Status.Locked;
        }

        file.Lock = mode;
        return Status.Ok;
    }

    string Open(Operation one)
    {
        open[one.Slot] = null;
        Status status = Find(one.Path, out Node? node);
        bool isMade = status == Status.NotFound && one.Mode.HasFlag(OpenMode.Create);
        if (isMade)
        {
            status = FindPlace(one.Path, out Node? parent, out string name, out _);
            if (status == Status.Ok) parent!.Entries!.Add(name, node = new Node());
        }
        else if (status == Status.Ok && one.Mode.HasFlag(OpenMode.Exclusive))
        {
            status = Status.AlreadyExists;
        }

        if (status != Status.Ok) return $"{status}";
        if (node!.Entries is not null) return $"{Status.IsDirectory}";
        if (one.Mode.HasFlag(OpenMode.Truncate)) node.Bytes = [];
        open[one.Slot] = new OpenFile(node, one.Mode);
        return $"Ok {node.Bytes.Length}";
    }

    Status MakeDirectory(string path)
    {
        Status status = FindPlace(path, out Node? parent, out string name, out Node? existing);
        if (status != Status.Ok) return status;
        if (existing is not null) return Status.AlreadyExists;
        parent!.Entries!.Add(name, new Node { Entries = new(StringComparer.Ordinal) });
        return Status.Ok;
    }

    Status RemoveDirectory(string path)
    {
        Status status = Find(path, out Node? node);
        if (status != Status.Ok) return status;
        if (node!.Entries is null) return Status.NotDirectory;
        return node.Entries.Count != 0 ? Status.NotEmpty : Remove(path);
    }

    Status RemoveFile(string path)
    {
        Status status = Find(path, out Node? node);
        if (status != Status.Ok) return status;
        return node!.Entries is not null ? Status.IsDirectory : Remove(path);
    }

    Status Rename(string source, string target)
    {
        Status status = Find(source, out Node? node);
        if (status != Status.Ok) return status;
        status = FindPlace(target, out Node? parent, out string name, out Node? existing);
        if (status != Status.Ok) return status;
        if (existing == node) return Status.Ok;
        if (target.StartsWith(source + "/", StringComparison.Ordinal)) return Status.BadArgument;
        if (existing is not null)
        {
            if (node!.Entries is null && existing.Entries is not null) return Status.IsDirectory;
            if (node.Entries is not null && existing.Entries is null) return Status.NotDirectory;
            if (existing.Entries is { Count: not 0 }) return Status.NotEmpty;
        }

        Remove(source);
        parent!.Entries![name] = node!;
        return Status.Ok;
    }

    string List(string path)
    {
        Status status = Find(path, out Node? node);
        if (status != Status.Ok) return $"{status}";
        return node!.Entries is null ? $"{Status.NotDirectory}"
            : $"Ok {string.Join(' ', node.Entries.Keys)}";
    }

    string Stat(string path)
    {
        Status status = Find(path, out Node? node);
        if (status != Status.Ok) return $"{status}";
        return node!.Entries is null ? $"Ok {node.Bytes.Length}" : "Ok directory";
    }

    Status Remove(string path)
    {
        FindPlace(path, out Node? parent, out string name, out _);
        parent!.Entries!.Remove(name);
        return Status.Ok;
    }

    Status Find(string path, out Node? node)
    {
        Status status = FindPlace(path, out _, out _, out node);
        return status == Status.Ok && node is null ? Status.NotFound : status;
    }

    /// <summary>The directory that has, or may get, the last name of the path.</summary>
    Status FindPlace(string path, out Node? parent, out string name, out Node? node)
    {
        parent = root;
        node = null;
        string[] names = path.Split('/');
        name = names[^1];
        foreach (string one in names[..^1])
        {
            if (!parent.Entries!.TryGetValue(one, out Node? next)) return Status.NotFound;
            if (next.Entries is null) return Status.NotDirectory;
            parent = next;
        }

        parent.Entries!.TryGetValue(name, out node);
        return Status.Ok;
    }

    static void AddTree(StringBuilder text, Node node, string path)
    {
        foreach ((string name, Node below) in node.Entries!)
        {
            text.Append(path).Append(name);
            if (below.Entries is null) text.Append('=').Append(Sum(below.Bytes)).Append(' ');
            else AddTree(text.Append("/ "), below, $"{path}{name}/");
        }
    }

    /// <summary>Bytes in few words: how many, and a sum.</summary>
    public static string Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        foreach (byte one in bytes) sum = sum * 31 + one;
        return $"{bytes.Length}:{sum:x}";
    }
}

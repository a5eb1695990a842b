// A file system from four methods: what is in a directory and in a file, and what a write does.
//
// The author numbers files and directories; a number means the same to each incarnation, so that
// files stay open when the server dies. Rules: root is 0; nothing is made or removed from outside;
// a write is at an offset, so that one that comes again after a death does no harm.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;

namespace Shared.Sdk.Files;

/// <summary>One name in a directory. Numbers are below 2^60, and 0 is the root.</summary>
public readonly record struct SimpleEntry(
    ulong Number, string Name, FileType Type, ulong LengthBytes = 0);

public abstract partial class SimpleFileSystem : IServer, IFileSystemHandler
{
    protected const ulong Root = 0;

    private const int MaxStepBytes = 64 * 1024, MaxDepth = 16;
    private static readonly SimpleEntry RootEntry = new(Root, "", FileType.Directory);

    private readonly byte[] _buffer = new byte[MaxStepBytes];

    /// <summary>The whole body of a server's Main.</summary>
    public static int Run(Func<TaskContext, SimpleFileSystem> make) =>
        TaskMain.Serve((task, _) => make(task));

    /// <summary>In an order that stays the same.</summary>
    protected abstract IReadOnlyList<SimpleEntry> List(ulong directory);

    /// <summary>Bytes read; 0 at the end.</summary>
    protected abstract int Read(ulong file, ulong offset, Span<byte> target);

    protected virtual bool MayWrite(ulong file) => false;

    /// <summary>All of it or nothing, at most 64 KiB.</summary>
    protected virtual Status Write(ulong file, ulong offset, ReadOnlySpan<byte> source) =>
        Status.ReadOnly;

    protected virtual Status SetLength(ulong file, ulong lengthBytes) => Status.NotSupported;

    /// <summary>For Read: the part of the bytes that begins at the offset.</summary>
    protected static int Part(ReadOnlySpan<byte> bytes, ulong offset, Span<byte> target)
    {
        if (offset >= (ulong)bytes.Length) return 0;
        ReadOnlySpan<byte> rest = bytes[(int)offset..];
        if (rest.Length > target.Length) rest = rest[..target.Length];
        rest.CopyTo(target);
        return rest.Length;
    }

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    private Status Walk(Request request, string path, out SimpleEntry found)
    {
        Status status = FindDirectory(request, out found);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        if (status != Status.Ok) return status;
        ReadOnlySpan<char> rest = path;
        while (!rest.IsEmpty)
        {
            if (found.Type != FileType.Directory) return Status.NotDirectory;
            ReadOnlySpan<char> name = PathRules.TakeFirst(ref rest);
            if (Child(found.Number, name) is not { } child) return Status.NotFound;
            found = child;
        }
        return Status.Ok;
    }

    private SimpleEntry? Child(ulong directory, ReadOnlySpan<char> name)
    {
        foreach (SimpleEntry entry in List(directory))
        {
            if (name.SequenceEqual(entry.Name)) return entry;
        }
        return null;
    }

    private Status FindDirectory(Request request, out SimpleEntry found)
    {
        Status status = Find(request, out found);
        bool isFile = status == Status.Ok && found.Type != FileType.Directory;
        return isFile ? Status.NotDirectory : status;
    }

    private Status FindFile(Request request, out SimpleEntry found)
    {
        Status status = Find(request, out found);
        bool isDirectory = status == Status.Ok && found.Type == FileType.Directory;
        return isDirectory ? Status.IsDirectory : status;
    }

    private Status Find(Request request, out SimpleEntry found)
    {
        SimpleBadge badge = SimpleBadge.Of(request.Badge);
        SimpleEntry? entry = badge.Number == Root
            ? RootEntry : Below(Root, badge.Number, MaxDepth);
        found = entry ?? default;
        return entry is null ? Status.NotFound : Status.Ok;
    }

    private SimpleEntry? Below(ulong directory, ulong number, int depth)
    {
        if (depth == 0) return null;
        foreach (SimpleEntry entry in List(directory))
        {
            if (entry.Number == number) return entry;
            if (entry.Type != FileType.Directory) continue;
            if (Below(entry.Number, number, depth - 1) is { } found) return found;
        }
        return null;
    }
}

/// <summary>A capability's badge: the number, and what the file was opened for.</summary>
internal readonly record struct SimpleBadge(ulong Number, bool IsForWriting)
{
    /// <summary>Bit 0 is always set: the badge of the root is 1, as everywhere.</summary>
    public Badge Badge => new(Number << 2 | (IsForWriting ? 3UL : 1UL));

    public static SimpleBadge Of(Badge badge) => new(badge.Value >> 2, (badge.Value & 2) != 0);
}

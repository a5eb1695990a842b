// The least that FileApi needs: files in one directory, and a Vfs with the mounts / and /mnt.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Unit.Shared.Sdk.Files;

internal sealed class FlatFileServer : IServer, IFileSystemHandler
{
    private const ulong RootBadge = 1;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _open = [];

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public void Closed(Badge badge) => _open.Remove(badge.Value);

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public Result<FileStat> Stat(Request request, string path) =>
        _files.TryGetValue(path, out byte[]? bytes)
            ? new FileStat { Type = FileType.File, LengthBytes = (ulong)bytes.Length }
            : Status.NotFound;

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        bool isThere = _files.ContainsKey(path);
        if (!isThere && (mode & OpenMode.Create) == 0) return Status.NotFound;
        if (!isThere || (mode & OpenMode.Truncate) != 0) _files[path] = [];
        ulong badge = RootBadge + 1;
        while (_open.ContainsKey(badge)) badge++;
        Result<Capability> minted = request.Mint(Rights.Use, new Badge(badge));
        if (!minted.IsOk) return minted.Status;
        _open.Add(badge, path);
        return new OpenedFile(minted.Value, (ulong)_files[path].Length);
    }

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries)
    {
        byte[] buffer = new byte[entries.LengthBytes];
        EntryWriter writer = new(buffer);
        ulong next = cookie;
        foreach (string name in _files.Keys.Skip((int)cookie))
        {
            if (!writer.TryWrite(new EntryHeader { Type = FileType.File }, name)) break;
            next++;
        }
        Status status = entries.CopyFrom(0, buffer.AsSpan(0, (int)writer.LengthBytes));
        if (status != Status.Ok) return status;
        bool isEnd = next == (ulong)_files.Count;
        return new ListedEntries(writer.LengthBytes, writer.Count, isEnd ? 0 : next);
    }

    public Status Rename(Request request, string source, string target)
    {
        if (!_files.Remove(source, out byte[]? bytes)) return Status.NotFound;
        _files[target] = bytes;
        return Status.Ok;
    }

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        byte[] bytes = _files[_open[request.Badge.Value]];
        if (offset >= (ulong)bytes.Length) return 0u;
        ReadOnlySpan<byte> rest = bytes.AsSpan((int)offset);
        rest = rest[..(int)Math.Min(target.LengthBytes, (uint)rest.Length)];
        Status status = target.CopyFrom(0, rest);
        return new Result<uint>(status, (uint)rest.Length);
    }

    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        string name = _open[request.Badge.Value];
        byte[] bytes = _files[name];
        int end = (int)offset + (int)source.LengthBytes;
        if (end > bytes.Length) Array.Resize(ref bytes, end);
        Status status = source.CopyTo(0, bytes.AsSpan((int)offset, (int)source.LengthBytes));
        if (status == Status.Ok) _files[name] = bytes;
        return new Result<uint>(status, source.LengthBytes);
    }

    public Result<ulong> Append(Request request, ReadLease source)
    {
        ulong end = (ulong)_files[_open[request.Badge.Value]].Length;
        Result<uint> written = Write(request, end, source);
        return new Result<ulong>(written.Status, end + written.Value);
    }

    public Result<Capability> OpenDirectory(Request request, string path) => Status.NotSupported;
    public Status MakeDirectory(Request request, string path) => Status.NotSupported;
    public Status RemoveFile(Request request, string path) => Status.NotSupported;
    public Status RemoveDirectory(Request request, string path) => Status.NotSupported;
    public Result<VolumeStat> DescribeVolume(Request request) => Status.NotSupported;
    public Status SetTime(Request request, string path, ulong time) => Status.NotSupported;
    public Status SyncAll(Request request) => Status.Ok;
    public Status SetLength(Request request, ulong lengthBytes) => Status.NotSupported;
    public Result<FileStat> StatFile(Request request) => Status.NotSupported;

    public Status Lock(Request request, LockMode mode) => Status.NotSupported;
    public Result<WatchedFile> Watch(Request request) => Status.NotSupported;

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Status.NotSupported, memory);

    public Status Settle(Request request) => Status.NotSupported;
    public Status Flush(Request request) => Status.Ok;
}

internal sealed class TwoMountVfs : IServer, IVfsHandler
{
    public Handle Root { get; set; }
    public Handle Mount { get; set; }
    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => VfsDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public int Resolves { get; private set; }

    public Result<Resolved> Resolve(Request request, string path)
    {
        Resolves++;
        bool isMount = path == "/mnt" || path.StartsWith("/mnt/", StringComparison.Ordinal);
        return isMount
            ? new Resolved(new Capability(Mount), 4, 2)
            : new Resolved(new Capability(Root), 1, 1);
    }

    /// <summary>Another one says that the mounts have changed.</summary>
    public ulong Number { get; set; } = 1;

    /// <summary>Of MountWords, if there is one.</summary>
    public Handle Page { get; set; }
    public int Versions { get; private set; }

    public Result<ulong> Version(Request request)
    {
        Versions++;
        return Number;
    }

    public Result<ListedTargets> List(Request request, WriteLease targets)
    {
        Status status = targets.CopyFrom(0, "/\0/mnt\0"u8);
        return new Result<ListedTargets>(status, new ListedTargets(
            Number, 7, new Capability(Page)));
    }
}

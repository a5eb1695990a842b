// IFileSystem over what the kernel and the supervisor know. Nothing in it can be changed.
//
// Rules: a file is the snapshot that was made when it was opened. It is made again when the process
// has been restarted since, so an open file outlives its server. Every change is ReadOnly.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;

namespace Servers.ProcFs;

internal sealed partial class ProcFsServer(ProcContents contents, Func<ulong> nowNs)
    : IServer, IFileSystemHandler
{
    private const int ListBytes = 64 * 1024;
    /// <summary>All snapshots together; the next opening is NoSpace.</summary>
    private const long MaxSnapshotBytes = 4 * 1024 * 1024;
    /// <summary>Cookies of processes lie above those of files.</summary>
    private const ulong FirstProcessCookie = 1UL << 32;

    private readonly Dictionary<Badge, byte[]> _snapshots = [];
    private readonly byte[] _list = new byte[ListBytes];
    private long _snapshotBytes;
    private uint _opened;

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public void Closed(Badge badge)
    {
        if (_snapshots.Remove(badge, out byte[]? bytes)) _snapshotBytes -= bytes.Length;
    }

    public Result<FileStat> Stat(Request request, string path)
    {
        Status status = Find(request, path, out ProcNode node);
        return status == Status.Ok ? Describe(node, 0) : status;
    }

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        Status status = Find(request, path, out ProcNode node);
        if (status == Status.NotDirectory) return status;
        if ((mode & (OpenMode.Write | OpenMode.Truncate)) != 0) return Status.ReadOnly;
        if ((mode & ~(OpenMode.Create | OpenMode.Exclusive)) != OpenMode.Read)
        {
            return Status.BadArgument;
        }
        bool mayMake = mode.HasFlag(OpenMode.Create);
        if (status == Status.NotFound && mayMake) return Status.ReadOnly;
        if (status != Status.Ok) return status;
        if (mode.HasFlag(OpenMode.Exclusive))
        {
            return mayMake ? Status.AlreadyExists : Status.BadArgument;
        }
        if (node.IsDirectory) return Status.IsDirectory;
        Badge badge = node.ToBadge(++_opened);
        // The counter has come round, and the file of that time is still open.
        if (_snapshots.ContainsKey(badge)) return Status.QuotaExceeded;
        Result<byte[]> bytes = Snapshot(badge, node, request);
        if (!bytes.IsOk) return bytes.Status;
        Result<Capability> minted = request.MintWithAnswer(Rights.Use, badge);
        if (minted.IsOk) return new OpenedFile(minted.Value, (ulong)bytes.Value.Length);
        Closed(badge);
        return minted.Status;
    }

    public Result<Capability> OpenDirectory(Request request, string path)
    {
        Status status = Find(request, path, out ProcNode node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        return request.MintWithAnswer(Rights.Use, node.ToBadge(0));
    }

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries)
    {
        Status status = Find(request, path, out ProcNode node);
        if (status != Status.Ok) return status;
        if (!node.IsDirectory) return Status.NotDirectory;
        int room = (int)Math.Min(entries.LengthBytes, ListBytes);
        EntryWriter writer = new(_list.AsSpan(0, room));
        Result<ulong> next = WriteEntries(node, cookie, ref writer);
        if (!next.IsOk) return next.Status;
        if (next.Value != 0 && writer.Count == 0) return Status.TooLarge;
        status = entries.CopyFrom(0, _list.AsSpan(0, (int)writer.LengthBytes));
        if (status != Status.Ok) return status;
        return new ListedEntries(writer.LengthBytes, writer.Count, next.Value);
    }

    public Result<VolumeStat> DescribeVolume(Request request)
    {
        Status status = FindDirectory(request, out _);
        if (status != Status.Ok) return status;
        return new VolumeStat
        {
            Files = (ulong)_snapshots.Count,
            MaxFileBytes = (ulong)MaxSnapshotBytes,
            Flags = VolumeFlags.ReadOnly,
        };
    }

    public Status SyncAll(Request request) => FindDirectory(request, out _);

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        Result<byte[]> bytes = FindFile(request);
        if (!bytes.IsOk) return bytes.Status;
        if (offset >= (ulong)bytes.Value.Length) return 0u;
        ReadOnlySpan<byte> rest = bytes.Value.AsSpan((int)offset);
        if ((uint)rest.Length > target.LengthBytes) rest = rest[..(int)target.LengthBytes];
        Status status = target.CopyFrom(0, rest);
        return status == Status.Ok ? (uint)rest.Length : status;
    }

    public Result<FileStat> StatFile(Request request)
    {
        Result<byte[]> bytes = FindFile(request);
        if (!bytes.IsOk) return bytes.Status;
        ProcNode.TryFromBadge(request.Badge, out ProcNode node);
        return Describe(node, (ulong)bytes.Value.Length);
    }

    public Status Flush(Request request) => FindFile(request).Status;

    private Result<ulong> WriteEntries(ProcNode node, ulong cookie, ref EntryWriter writer)
    {
        IReadOnlyList<(string Name, ProcKind Kind)> files = ProcNode.FilesOf(node.Kind);
        for (ulong index = cookie; index < (ulong)files.Count; index++)
        {
            (string name, ProcKind kind) = files[(int)index];
            ProcNode child = new(kind, node.Process);
            if (!writer.TryWrite(HeaderOf(child), name)) return index == 0 ? ulong.MaxValue : index;
        }
        if (node.Kind != ProcKind.Root) return 0UL;
        Result<List<ProcessRow>> processes = contents.Processes();
        if (!processes.IsOk) return processes.Status;
        ulong last = Math.Max(cookie, (ulong)files.Count);
        foreach (ProcessRow row in processes.Value)
        {
            ulong own = FirstProcessCookie + row.Id;
            if (own <= cookie) continue;
            ProcNode child = new(ProcKind.Process, new ProcessId(row.Id));
            if (!writer.TryWrite(HeaderOf(child), $"{row.Id}")) return last;
            last = own;
        }
        return 0UL;
    }

    private Status FindDirectory(Request request, out ProcNode node)
    {
        if (!ProcNode.TryFromBadge(request.Badge, out node)) return Status.NotFound;
        return node.IsDirectory ? Status.Ok : Status.NotDirectory;
    }

    private Status Find(Request request, string path, out ProcNode node)
    {
        Status status = FindDirectory(request, out node);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        if (status != Status.Ok) return status;
        ReadOnlySpan<char> rest = path;
        while (!rest.IsEmpty)
        {
            if (!node.IsDirectory) return Status.NotDirectory;
            ReadOnlySpan<char> name = PathRules.TakeFirst(ref rest);
            ProcNode directory = node;
            if (!directory.TryFind(name, out node)) return Status.NotFound;
            // A process that is not there has no files either.
            if (node.Kind == ProcKind.Process && contents.Check(node) is var gone and not Status.Ok)
            {
                return gone;
            }
        }
        return contents.Check(node);
    }

    private Result<byte[]> FindFile(Request request)
    {
        if (!ProcNode.TryFromBadge(request.Badge, out ProcNode node)) return Status.NotFound;
        if (node.IsDirectory) return Status.IsDirectory;
        return _snapshots.TryGetValue(request.Badge, out byte[]? bytes)
            ? bytes : Snapshot(request.Badge, node, request);
    }

    private Result<byte[]> Snapshot(Badge badge, ProcNode node, Request request)
    {
        Result<byte[]> bytes = contents.Read(node, request.Serve);
        if (!bytes.IsOk) return bytes.Status;
        if (_snapshotBytes + bytes.Value.Length > MaxSnapshotBytes) return Status.NoSpace;
        _snapshots.Add(badge, bytes.Value);
        _snapshotBytes += bytes.Value.Length;
        return bytes;
    }

    private FileStat Describe(ProcNode node, ulong lengthBytes) => new()
    {
        Type = node.IsDirectory ? FileType.Directory : FileType.File,
        Links = 1,
        LengthBytes = lengthBytes,
        ModifiedNs = nowNs(),
        FileNumber = node.FileNumber,
    };

    private EntryHeader HeaderOf(ProcNode node) => new()
    {
        ModifiedNs = nowNs(),
        FileNumber = node.FileNumber,
        Type = node.IsDirectory ? FileType.Directory : FileType.File,
    };
}

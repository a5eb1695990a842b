// The contract IFileSystem over the author's methods.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;

namespace Shared.Sdk.Files;

public abstract partial class SimpleFileSystem
{
    public Result<FileStat> Stat(Request request, string path)
    {
        Status status = Walk(request, path, out SimpleEntry found);
        return status == Status.Ok ? Describe(found) : status;
    }

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        Status status = Walk(request, path, out SimpleEntry found);
        bool mayMake = mode.HasFlag(OpenMode.Create);
        bool isExclusive = mode.HasFlag(OpenMode.Exclusive);
        bool wantsWrite = (mode & (OpenMode.Write | OpenMode.Truncate)) != 0;
        if ((mode & (OpenMode.Read | OpenMode.Write)) == 0 || (isExclusive && !mayMake))
            return status == Status.NotDirectory ? status : Status.BadArgument;
        if (status == Status.NotFound && mayMake) return Status.ReadOnly;
        if (status != Status.Ok) return status;
        if (isExclusive) return Status.AlreadyExists;
        if (found.Type == FileType.Directory) return Status.IsDirectory;
        if (wantsWrite && !MayWrite(found.Number)) return Status.ReadOnly;
        if (mode.HasFlag(OpenMode.Append)) return Status.NotSupported;
        if (mode.HasFlag(OpenMode.Truncate)) status = SetLength(found.Number, 0);
        if (status != Status.Ok) return status;
        SimpleBadge badge = new(found.Number, mode.HasFlag(OpenMode.Write));
        Result<Capability> minted = request.MintWithAnswer(Rights.Use, badge.Badge);
        ulong lengthBytes = mode.HasFlag(OpenMode.Truncate) ? 0 : found.LengthBytes;
        return minted.IsOk ? new OpenedFile(minted.Value, lengthBytes) : minted.Status;
    }

    public Result<Capability> OpenDirectory(Request request, string path)
    {
        Status status = Walk(request, path, out SimpleEntry found);
        if (status != Status.Ok) return status;
        return found.Type == FileType.Directory
            ? request.MintWithAnswer(Rights.Use, new SimpleBadge(found.Number, false).Badge)
            : Status.NotDirectory;
    }

    /// <summary>The cookie is the number of entries that were seen.</summary>
    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries)
    {
        Status status = Walk(request, path, out SimpleEntry directory);
        if (status != Status.Ok) return status;
        if (directory.Type != FileType.Directory) return Status.NotDirectory;
        EntryWriter writer = new(_buffer.AsSpan(0, (int)Math.Min(
            entries.LengthBytes, MaxStepBytes)));
        IReadOnlyList<SimpleEntry> all = List(directory.Number);
        ulong next = cookie;
        while (next < (ulong)all.Count && writer.TryWrite(HeaderOf(all[(int)next]),
            all[(int)next].Name)) next++;
        if (next >= (ulong)all.Count) next = 0;
        else if (writer.Count == 0) return Status.TooLarge;
        status = entries.CopyFrom(0, _buffer.AsSpan(0, (int)writer.LengthBytes));
        return status == Status.Ok
            ? new ListedEntries(writer.LengthBytes, writer.Count, next) : status;
    }

    public Result<VolumeStat> DescribeVolume(Request request)
    {
        Status status = FindDirectory(request, out _);
        return status == Status.Ok
            ? new VolumeStat { MaxFileBytes = long.MaxValue } : status;
    }

    public Status SyncAll(Request request) => FindDirectory(request, out _);

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        Status status = FindFile(request, out SimpleEntry file);
        if (status != Status.Ok) return status;
        int room = (int)Math.Min(target.LengthBytes, MaxStepBytes);
        int length = Read(file.Number, offset, _buffer.AsSpan(0, room));
        status = target.CopyFrom(0, _buffer.AsSpan(0, length));
        return status == Status.Ok ? (uint)length : status;
    }

    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        Status status = FindWritable(request, out SimpleEntry file);
        if (status != Status.Ok) return status;
        if (source.LengthBytes > MaxStepBytes) return Status.TooLarge;
        Span<byte> bytes = _buffer.AsSpan(0, (int)source.LengthBytes);
        status = source.CopyTo(0, bytes);
        if (status == Status.Ok) status = Write(file.Number, offset, bytes);
        return status == Status.Ok ? source.LengthBytes : status;
    }

    public Status SetLength(Request request, ulong lengthBytes)
    {
        Status status = FindWritable(request, out SimpleEntry file);
        return status == Status.Ok ? SetLength(file.Number, lengthBytes) : status;
    }

    public Result<FileStat> StatFile(Request request)
    {
        Status status = FindFile(request, out SimpleEntry file);
        return status == Status.Ok ? Describe(file) : status;
    }

    public Status Flush(Request request) => FindFile(request, out _);

    public Result<ulong> Append(Request request, ReadLease source)
    {
        Status status = FindWritable(request, out _);
        return status == Status.Ok ? Status.NotSupported : status;
    }

    public Status Lock(Request request, LockMode mode)
    {
        Status status = FindFile(request, out _);
        return status == Status.Ok ? Status.NotSupported : status;
    }

    public Result<WatchedFile> Watch(Request request) => Lock(request, default);

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Settle(request), memory);

    public Status Settle(Request request) => Lock(request, default);

    public Status MakeDirectory(Request request, string path) => RefuseChange(request, path);

    public Status RemoveFile(Request request, string path) => RefuseChange(request, path);

    public Status RemoveDirectory(Request request, string path) => RefuseChange(request, path);

    public Status Rename(Request request, string source, string target)
    {
        Status status = RefuseChange(request, source);
        return status == Status.ReadOnly ? RefuseChange(request, target) : status;
    }

    public Status SetTime(Request request, string path, ulong modifiedNs) =>
        RefuseChange(request, path);

    private Status RefuseChange(Request request, string path)
    {
        Status status = FindDirectory(request, out _);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        return status == Status.Ok ? Status.ReadOnly : status;
    }

    private Status FindWritable(Request request, out SimpleEntry file)
    {
        Status status = FindFile(request, out file);
        bool isForReading = !SimpleBadge.Of(request.Badge).IsForWriting;
        return status == Status.Ok && isForReading ? Status.ReadOnly : status;
    }

    private static FileStat Describe(SimpleEntry entry) => new()
    {
        Type = entry.Type, Links = 1, LengthBytes = entry.LengthBytes,
        FileNumber = entry.Number + 1,
    };

    private static EntryHeader HeaderOf(SimpleEntry entry) => new()
    {
        Type = entry.Type, LengthBytes = entry.LengthBytes, FileNumber = entry.Number + 1,
    };
}

// The operations of IFileSystem.

using System;
using Servers.FatFs.Directories;
using Servers.FatFs.Trees;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Fat;
using Shared.Sdk;

namespace Servers.FatFs;

internal sealed partial class FatFsServer
{
    public Result<FileStat> Stat(Request request, string path) => Guard<FileStat>(() =>
    {
        Status status = FindEntry(request, path, out FatNode from, out FatEntry entry);
        if (status != Status.Ok) return status;
        return path.Length == 0 ? Describe(from) : Describe(entry, _nodes.NumberOf(entry), 1);
    });

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        ulong content = ContentOf(request, path, (ulong)mode);
        bool isAgain = _vault.Requests.TryFind(request, content, out _);
        return Guard(() => Open(request, path, mode, content, isAgain));
    }

    private Result<OpenedFile> Open(
        Request request, string path, OpenMode mode, ulong content, bool isAgain)
    {
        Status status = FindEntry(request, path, out FatNode from, out FatEntry entry);
        if (!OpenModes.AreSensible(mode)) return Status.BadArgument;
        if (IsReadOnly && mode.HasFlag(OpenMode.Write)) return Status.ReadOnly;
        // What was made or cut before is neither made nor cut again, but opened.
        if (isAgain) mode &= ~(OpenMode.Create | OpenMode.Exclusive | OpenMode.Truncate);
        bool isMade = status == Status.NotFound && from.IsLinked && IsKnown(request)
            && mode.HasFlag(OpenMode.Create);
        if (isMade)
        {
            if (IsReadOnly) return Status.ReadOnly;
            MakeRoom();
            status = _tree.MakeFile(from, path, out entry);
        }
        else if (status == Status.Ok && mode.HasFlag(OpenMode.Exclusive))
        {
            status = Status.AlreadyExists;
        }
        if (status != Status.Ok) return status;
        if (entry.IsDirectory) return Status.IsDirectory;
        bool isLocked = (entry.Attributes & FatAttributes.ReadOnly) != 0;
        if (isLocked && mode.HasFlag(OpenMode.Write)) return Status.ReadOnly;
        return Open(request, entry, mode, content, isMade);
    }

    private Result<OpenedFile> Open(
        Request request, FatEntry entry, OpenMode mode, ulong content, bool isMade)
    {
        if (_objects.IsFull) return Status.QuotaExceeded;
        FatNode node = _nodes.Open(entry);
        bool isCut = mode.HasFlag(OpenMode.Truncate);
        if (isCut)
        {
            MakeRoom();
            _words.NoteChange(node.Number);
            Status status = _bytes.SetLength(node, 0);
            if (status != Status.Ok) return status;
        }
        Result<Capability> minted = Mint(request, node, mode);
        if (!minted.IsOk) return minted.Status;
        if (isMade || isCut) _executed = (request, content, 0);
        return new OpenedFile(minted.Value, node.State.LengthBytes);
    }

    public Result<Capability> OpenDirectory(Request request, string path) =>
        Guard<Capability>(() =>
        {
            Status status = FindEntry(request, path, out FatNode from, out FatEntry entry);
            if (status != Status.Ok) return status;
            if (!entry.IsDirectory) return Status.NotDirectory;
            if (_objects.IsFull) return Status.QuotaExceeded;
            return Mint(request, path.Length == 0 ? from : _nodes.Open(entry), default);
        });

    public Status MakeDirectory(Request request, string path) => ChangeNames(
        request, path, ContentOf(request, path), from => _tree.MakeDirectory(from, path));

    public Status RemoveFile(Request request, string path) => ChangeNames(
        request, path, ContentOf(request, path), from => _tree.RemoveFile(from, path));

    public Status RemoveDirectory(Request request, string path) => ChangeNames(
        request, path, ContentOf(request, path), from => _tree.RemoveDirectory(from, path));

    public Status SetTime(Request request, string path, ulong modifiedNs) => ChangeNames(
        request, path, ContentOf(request, path, modifiedNs),
        from => _tree.SetTime(from, path, modifiedNs));

    public Status Rename(Request request, string source, string target)
    {
        ulong content = ContentOf(request, source) ^ ContentOf(request, target, 1);
        Status good = PathRules.CheckRelative(source);
        if (good == Status.Ok) good = PathRules.CheckRelative(target);
        // A capability that cannot rename at all says so first.
        if (good != Status.Ok && FindDirectory(request, out _) == Status.Ok) return good;
        return ChangeNames(
            request, source, content, from => _tree.Rename(from, source, target));
    }

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries) =>
        Guard<ListedEntries>(() =>
        {
            Status status = FindEntry(request, path, out FatNode from, out FatEntry entry);
            if (status != Status.Ok) return status;
            if (!entry.IsDirectory) return Status.NotDirectory;
            int room = (int)Math.Min(entries.LengthBytes, StepBytes);
            EntryWriter writer = new(_staging.AsSpan(0, room));
            bool isWhole = !from.IsLinked && path.Length == 0
                || List(entry.FirstCluster, ref cookie, ref writer);
            if (!isWhole && writer.Count == 0) return Status.TooLarge;
            status = entries.CopyFrom(0, _staging.AsSpan(0, (int)writer.LengthBytes));
            if (status != Status.Ok) return status;
            return new ListedEntries(writer.LengthBytes, writer.Count, isWhole ? 0 : cookie);
        });

    /// <summary>
    /// Entries whose slot is at or after the cookie; false when not all of them had room.
    /// </summary>
    // Entries never move, so a slot is a good cookie whatever else comes and goes.
    private bool List(uint directory, ref ulong cookie, ref EntryWriter writer)
    {
        EntryScanner scanner = _volume.Scan(directory);
        while (scanner.Next())
        {
            if ((ulong)scanner.Place.Slot < cookie) continue;
            FatEntry entry = scanner.ToEntry();
            EntryHeader header = new()
            {
                LengthBytes = entry.LengthBytes, ModifiedNs = entry.ModifiedNs,
                FileNumber = _nodes.NumberOf(entry), Type = entry.Type,
            };
            if (!writer.TryWrite(header, entry.Name)) return false;
            cookie = (ulong)entry.Place.Slot + 1;
        }
        return true;
    }

    public Result<VolumeStat> DescribeVolume(Request request) => Guard<VolumeStat>(() =>
    {
        Status status = FindDirectory(request, out _);
        if (status != Status.Ok) return status;
        uint free = Math.Min(_volume.Allocator.CountFree(), _volume.Layout.ClusterCount);
        return new VolumeStat
        {
            TotalBytes = _volume.Layout.DataBytes,
            UsedBytes = (ulong)(_volume.Layout.ClusterCount - free) * _volume.Layout.ClusterBytes,
            MaxFileBytes = FileBytes.MaxBytes,
            Flags = IsReadOnly ? VolumeFlags.ReadOnly : VolumeFlags.None,
        };
    });

    public Status SyncAll(Request request) =>
        FindDirectory(request, out _) is not Status.Ok and var status ? status : Sync();

    public Status Flush(Request request) =>
        FindFile(request, default, out _) is not Status.Ok and var status ? status : Sync();

    private Status Sync()
    {
        if (_isReadOnly) return Status.Ok;
        return Guard(() =>
        {
            _volume.Sync();
            return Status.Ok;
        });
    }

    public Result<uint> Read(Request request, ulong offset, WriteLease target) => Guard<uint>(() =>
    {
        Status status = FindFile(request, OpenMode.Read, out FatNode file);
        if (status != Status.Ok) return status;
        uint done = 0;
        while (done < target.LengthBytes && offset <= FileBytes.MaxBytes)
        {
            int room = (int)Math.Min(target.LengthBytes - done, StepBytes);
            int count = _bytes.Read(file, offset + done, _staging.AsSpan(0, room));
            if (count == 0) break;
            status = target.CopyFrom(done, _staging.AsSpan(0, count));
            if (status != Status.Ok) return status;
            done += (uint)count;
        }
        return done;
    });

    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        ulong content = ContentOf(request, "", offset, source.LengthBytes);
        if (_vault.Requests.TryFind(request, content, out _)) return source.LengthBytes;
        Status status = ChangeFile(request, content, file =>
        {
            Status staged = Stage(source);
            if (staged != Status.Ok) return staged;
            ulong at = IsAppending(request) ? file.State.LengthBytes : offset;
            return _bytes.Write(file, at, _staging.AsSpan(0, (int)source.LengthBytes));
        });
        return status == Status.Ok ? source.LengthBytes : status;
    }

    public Result<ulong> Append(Request request, ReadLease source)
    {
        ulong content = ContentOf(request, "", source.LengthBytes);
        if (_vault.Requests.TryFind(request, content, out ulong answer)) return answer;
        Status status = ChangeFile(request, content, file =>
        {
            Status staged = Stage(source);
            if (staged != Status.Ok) return staged;
            staged = _bytes.Write(
                file, file.State.LengthBytes, _staging.AsSpan(0, (int)source.LengthBytes));
            answer = file.State.LengthBytes;
            _executed = (request, content, answer);
            return staged;
        });
        return status == Status.Ok ? answer : status;
    }

    public Status SetLength(Request request, ulong lengthBytes)
    {
        ulong content = ContentOf(request, "", lengthBytes);
        if (_vault.Requests.TryFind(request, content, out _)) return Status.Ok;
        return ChangeFile(request, content, file => _bytes.SetLength(file, lengthBytes));
    }

    public Status Lock(Request request, LockMode mode)
    {
        // The lock is the capability's own: one that is opened again has none yet.
        ulong content = ContentOf(request, "", (ulong)mode, request.Badge.Value);
        if (_vault.Requests.TryFind(request, content, out _)) return Status.Ok;
        Status status = FindFile(request, default, out _);
        if (status != Status.Ok) return status;
        if (IsReadOnly) return Status.NotSupported;
        if (mode > LockMode.Exclusive) return Status.BadArgument;
        status = _objects.SetLock(request.Badge, mode);
        if (status == Status.Ok) _executed = (request, content, 0);
        return status;
    }

    public Result<FileStat> StatFile(Request request) => Guard<FileStat>(() =>
    {
        Status status = FindFile(request, default, out FatNode file);
        return status == Status.Ok ? Describe(file) : status;
    });

    public Result<WatchedFile> Watch(Request request)
    {
        Status status = FindFile(request, default, out FatNode file);
        return status == Status.Ok ? _words.Watch(request.Kernel, file.Number) : status;
    }

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Settle(request), memory);

    public Status Settle(Request request)
    {
        Status status = FindFile(request, default, out _);
        return status == Status.Ok ? Status.NotSupported : status;
    }
}

// IFileSystem on an ISO 9660 volume. Nothing in it can be changed.
//
// Rules: keeps nothing but what it has read: capabilities say what they stand for (IsoNode), so the
// next incarnation serves them as well. Damage is met when it is read: IoError, and one line in the
// log.

using System;
using Servers.IsoFs.Directories;
using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Files;

namespace Servers.IsoFs;

internal sealed partial class IsoFsServer(IsoVolume volume, IDisk disk, Action<string> log)
    : IServer, IFileSystemHandler
{
    private const int StepBytes = 64 * 1024;

    private readonly byte[] _staging = new byte[StepBytes];
    private readonly FileWords _words = new();
    private bool _hasToldDamage;

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request)
    {
        if (disk is RemoteDisk remote) remote.Serving = request.Serve;
        FileSystemDispatcher.Dispatch(this, request);
        if (disk is RemoteDisk served) served.Serving = default;
    }

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public Result<FileStat> Stat(Request request, string path) => Guard<FileStat>(() =>
    {
        Status status = Find(request, path, out IsoEntry entry);
        return status == Status.Ok ? Describe(entry) : status;
    });

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode) =>
        Guard<OpenedFile>(() =>
        {
            Status status = Find(request, path, out IsoEntry entry);
            if (status is not (Status.Ok or Status.NotFound)) return status;
            if (!OpenModes.AreSensible(mode)) return Status.BadArgument;
            if (mode.HasFlag(OpenMode.Write)) return Status.ReadOnly;
            bool mayMake = mode.HasFlag(OpenMode.Create);
            if (status == Status.NotFound) return mayMake ? Status.ReadOnly : status;
            if (mode.HasFlag(OpenMode.Exclusive)) return Status.AlreadyExists;
            if (entry.Directory is not null) return Status.IsDirectory;
            Result<Capability> minted = Mint(request, entry);
            return minted.IsOk ? new OpenedFile(minted.Value, entry.LengthBytes) : minted.Status;
        });

    public Result<Capability> OpenDirectory(Request request, string path) =>
        Guard<Capability>(() =>
        {
            Status status = Find(request, path, out IsoEntry entry);
            if (status != Status.Ok) return status;
            return entry.Directory is null ? Status.NotDirectory : Mint(request, entry);
        });

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries) =>
        Guard<ListedEntries>(() =>
        {
            Status status = Find(request, path, out IsoEntry found);
            if (status != Status.Ok) return status;
            if (found.Directory is not { } directory) return Status.NotDirectory;
            int room = (int)Math.Min(entries.LengthBytes, StepBytes);
            EntryWriter writer = new(_staging.AsSpan(0, room));
            bool isWhole = List(directory, ref cookie, ref writer);
            if (!isWhole && writer.Count == 0) return Status.TooLarge;
            status = entries.CopyFrom(0, _staging.AsSpan(0, (int)writer.LengthBytes));
            if (status != Status.Ok) return status;
            return new ListedEntries(writer.LengthBytes, writer.Count, isWhole ? 0 : cookie);
        });

    /// <summary>False when not all entries after the cookie had room.</summary>
    private bool List(IsoDirectory directory, ref ulong cookie, ref EntryWriter writer)
    {
        DirectoryScanner scanner = new(volume, directory, cookie);
        while (scanner.Next() is { } entry)
        {
            EntryHeader header = new()
            {
                LengthBytes = entry.LengthBytes, ModifiedNs = entry.TimeNs,
                FileNumber = entry.Number, Type = entry.Type,
            };
            if (!writer.TryWrite(header, entry.Name)) return false;
            cookie = scanner.Cookie;
        }
        return true;
    }

    public Result<VolumeStat> DescribeVolume(Request request)
    {
        Status status = FindDirectory(request, out _);
        if (status != Status.Ok) return status;
        return new VolumeStat
        {
            TotalBytes = volume.LengthBytes,
            UsedBytes = volume.LengthBytes,
            MaxFileBytes = volume.LengthBytes,
            Flags = VolumeFlags.ReadOnly,
        };
    }

    public Status SyncAll(Request request) => FindDirectory(request, out _);

    public Result<uint> Read(Request request, ulong offset, WriteLease target) => Guard<uint>(() =>
    {
        Status status = FindFile(request, out IsoEntry file);
        if (status != Status.Ok) return status;
        uint done = 0;
        while (done < target.LengthBytes && offset < file.LengthBytes)
        {
            int room = (int)Math.Min(target.LengthBytes - done, StepBytes);
            int count = file.Extents.Read(volume.Disc, offset, _staging.AsSpan(0, room));
            if (count == 0) break;
            status = target.CopyFrom(done, _staging.AsSpan(0, count));
            if (status != Status.Ok) return status;
            done += (uint)count;
            offset += (uint)count;
        }
        return done;
    });

    public Result<FileStat> StatFile(Request request) => Guard<FileStat>(() =>
    {
        Status status = FindFile(request, out IsoEntry file);
        return status == Status.Ok ? Describe(file) : status;
    });

    public Result<WatchedFile> Watch(Request request) => Guard<WatchedFile>(() =>
    {
        Status status = FindFile(request, out IsoEntry file);
        return status == Status.Ok ? _words.Watch(request.Kernel, file.Number) : status;
    });

    public Status Flush(Request request) => Guard<int>(() => FindFile(request, out _)).Status;
}

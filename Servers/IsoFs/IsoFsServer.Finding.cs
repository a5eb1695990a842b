// From a request to what it names, and the operations that would change something: all ReadOnly,
// once the capability is of their kind.

using System;
using Servers.IsoFs.Directories;
using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Disks;

namespace Servers.IsoFs;

internal sealed partial class IsoFsServer
{
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

    // No file can be opened for writing, so these capabilities never have the right.
    public Result<uint> Write(Request request, ulong offset, ReadLease source) =>
        RefuseWrite(request);

    public Result<ulong> Append(Request request, ReadLease source) => RefuseWrite(request);

    public Status SetLength(Request request, ulong lengthBytes) => RefuseWrite(request);

    // What nobody changes needs no lock.
    public Status Lock(Request request, LockMode mode)
    {
        Status status = RefuseWrite(request);
        return status == Status.ReadOnly ? Status.NotSupported : status;
    }

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Settle(request), memory);

    public Status Settle(Request request) => Lock(request, default);

    private static Status RefuseChange(Request request, string path)
    {
        Status status = FindDirectory(request, out _);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        return status == Status.Ok ? Status.ReadOnly : status;
    }

    private static Status RefuseWrite(Request request)
    {
        if (!IsoNode.TryFromBadge(request.Badge, out IsoNode node)) return Status.NotFound;
        return node.Type == FileType.Directory ? Status.IsDirectory : Status.ReadOnly;
    }

    private static Status FindDirectory(Request request, out IsoNode node)
    {
        if (!IsoNode.TryFromBadge(request.Badge, out node)) return Status.NotFound;
        return node.Type == FileType.Directory ? Status.Ok : Status.NotDirectory;
    }

    private Status FindFile(Request request, out IsoEntry file)
    {
        file = null!;
        if (!IsoNode.TryFromBadge(request.Badge, out IsoNode node)) return Status.NotFound;
        if (node.Type == FileType.Directory) return Status.IsDirectory;
        file = EntryOf(node);
        return Status.Ok;
    }

    private Status Find(Request request, string path, out IsoEntry entry)
    {
        entry = null!;
        Status status = FindDirectory(request, out IsoNode node);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        if (status != Status.Ok) return status;
        entry = EntryOf(node);
        DirectoryCheck check = new(volume);
        // Also where the path does not begin: nothing of a mount leads back to its root.
        check.Enter(volume.Root);
        if (!node.IsRoot && entry.Directory is { } start) check.Enter(start);
        ReadOnlySpan<char> rest = path;
        while (!rest.IsEmpty)
        {
            if (entry.Directory is not { } directory) return Status.NotDirectory;
            ReadOnlySpan<char> name = PathRules.TakeFirst(ref rest);
            if (FindIn(directory, name) is not { } found) return Status.NotFound;
            if (found.Directory is { } below) check.Enter(below);
            entry = found;
        }
        return Status.Ok;
    }

    private IsoEntry? FindIn(IsoDirectory directory, ReadOnlySpan<char> name)
    {
        DirectoryScanner scanner = new(volume, directory, cookie: 0);
        while (scanner.Next() is { } entry)
        {
            if (name.SequenceEqual(entry.Name)) return entry;
        }
        return null;
    }

    private IsoEntry EntryOf(IsoNode node)
    {
        DiscReader disc = volume.Disc;
        ulong place = node.IsRoot ? volume.Root.FirstByte : node.Number;
        DirectoryRecord record = DirectoryRecord.Read(disc, place)
            ?? throw new VolumeDamagedException($"no record is at {place}");
        FileExtents extents = FileExtents.Read(disc, record, disc.LengthBytes);
        if (!node.IsRoot)
        {
            return IsoEntry.From(volume, record, extents)
                ?? throw new VolumeDamagedException($"the record at {place} has changed");
        }
        return new IsoEntry
        {
            Number = place, Name = "", Extents = extents, TimeNs = record.TimeNs,
            Directory = volume.Root,
        };
    }

    private Result<Capability> Mint(Request request, IsoEntry entry)
    {
        bool isRoot = entry.Number == volume.Root.FirstByte;
        IsoNode node = isRoot ? IsoNode.Root : IsoNode.Of(entry);
        return request.MintWithAnswer(Rights.Use, node.ToBadge());
    }

    private static FileStat Describe(IsoEntry entry) => new()
    {
        Type = entry.Type,
        Links = 1,
        LengthBytes = entry.LengthBytes,
        ModifiedNs = entry.TimeNs,
        FileNumber = entry.Number,
    };

    private Result<T> Guard<T>(Func<Result<T>> operation)
    {
        volume.Disc.StartRequest();
        try
        {
            return operation();
        }
        catch (VolumeDamagedException damage)
        {
            if (!_hasToldDamage) log($"volume is damaged: {damage.Message}");
            _hasToldDamage = true;
            return Status.IoError;
        }
        catch (DiskException)
        {
            return Status.IoError;
        }
    }
}

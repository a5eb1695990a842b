// The file operations by path: Vfs says which mount, the mount's server does the rest.
//
// Rules: paths are canonical (PathName). Nothing is cached, so nothing goes stale: each operation
// resolves, and gives the mount's capability back.

using System;
using System.Collections.Generic;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;

namespace Servers.Shell.Files;

public sealed record DirectoryEntry(
    string Name, FileType Type, ulong LengthBytes, ulong ModifiedNs);

/// <summary>A path's mount and the rest of the path in it.</summary>
public sealed class Place(IServices services, Handle root, string rest, uint mountId) : IDisposable
{
    public IFileSystem Root { get; } = services.FileSystem(root);
    public string Rest { get; } = rest;
    public uint MountId { get; } = mountId;
    public bool IsMountRoot => Rest.Length == 0;

    public void Dispose() => services.Close(root);
}

public sealed class FileSpace(IServices services)
{
    private const int ListBytes = 16 * 1024;

    public IServices Services => services;

    public Result<Place> Locate(string path)
    {
        Status good = PathRules.CheckAbsolute(path);
        if (good != Status.Ok) return good;
        Result<Resolved> resolved = services.Vfs.Resolve(path);
        if (!resolved.IsOk) return resolved.Status;
        Handle root = resolved.Value.Root.Handle;
        string rest = path[(int)Math.Min(resolved.Value.RestOffset, (uint)path.Length)..];
        return new Place(services, root, rest.TrimStart('/'), resolved.Value.MountId);
    }

    public Result<FileStat> Stat(string path)
        => At(path, static (place, _) => place.Root.Stat(place.Rest), 0);

    public Result<OpenFile> Open(string path, OpenMode mode)
    {
        Result<OpenedFile> opened = OpenCapability(path, mode);
        if (!opened.IsOk) return opened.Status;
        return new OpenFile(this, path, mode, opened.Value);
    }

    public Result<OpenedFile> OpenCapability(string path, OpenMode mode)
        => At(path, static (place, mode) => place.Root.Open(place.Rest, mode), mode);

    public Result<Capability> OpenDirectory(string path)
        => At(path, static (place, _) => place.Root.OpenDirectory(place.Rest), 0);

    public Status MakeDirectory(string path) => Change(
        path, Status.AlreadyExists, static (root, rest) => root.MakeDirectory(rest));

    public Status RemoveFile(string path) => Change(
        path, Status.IsMount, static (root, rest) => root.RemoveFile(rest));

    public Status RemoveDirectory(string path) => Change(
        path, Status.IsMount, static (root, rest) => root.RemoveDirectory(rest));

    public Status SetTime(string path, ulong modifiedNs)
        => At(path, static (place, time) => Plain(place.Root.SetTime(place.Rest, time)), modifiedNs)
            .Status;

    public Result<VolumeStat> DescribeVolume(string path)
        => At(path, static (place, _) => place.Root.DescribeVolume(), 0);

    public Status SyncAll(string path)
        => At(path, static (place, _) => Plain(place.Root.SyncAll()), 0).Status;

    public Status Rename(string source, string target)
    {
        Result<Place> from = Locate(source);
        if (!from.IsOk) return from.Status;
        using Place fromPlace = from.Value;
        Result<Place> to = Locate(target);
        if (!to.IsOk) return to.Status;
        using Place toPlace = to.Value;
        if (fromPlace.IsMountRoot || toPlace.IsMountRoot) return Status.IsMount;
        if (fromPlace.MountId != toPlace.MountId) return Status.CrossMount;
        return fromPlace.Root.Rename(fromPlace.Rest, toPlace.Rest);
    }

    /// <summary>Entries after the cookie (0 first); the next cookie is 0 at the end.</summary>
    public Result<ulong> ListPage(string path, ulong cookie, List<DirectoryEntry> entries)
    {
        byte[] buffer = new byte[ListBytes];
        Result<ListedEntries> listed = At(
            path, static (place, call) => place.Root.List(place.Rest, call.cookie, call.buffer),
            (cookie, buffer));
        if (!listed.IsOk) return listed.Status;
        int length = (int)Math.Min(listed.Value.LengthBytes, (uint)buffer.Length);
        EntryReader reader = new(buffer.AsSpan(0, length));
        while (reader.TryRead(out EntryHeader header, out string name))
        {
            entries.Add(new DirectoryEntry(
                name, header.Type, header.LengthBytes, header.ModifiedNs));
        }
        return listed.Value.NextCookie;
    }

    /// <summary>All entries, sorted by name; TooLarge beyond 100,000.</summary>
    public Result<List<DirectoryEntry>> List(string path)
    {
        const int MaxEntries = 100_000;
        List<DirectoryEntry> entries = [];
        ulong cookie = 0;
        do
        {
            int before = entries.Count;
            Result<ulong> page = ListPage(path, cookie, entries);
            if (!page.IsOk) return page.Status;
            if (entries.Count > MaxEntries) return Status.TooLarge;
            cookie = entries.Count == before ? 0 : page.Value;
        }
        while (cookie != 0);
        entries.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return entries;
    }

    /// <summary>An operation that never applies to the root of a mount.</summary>
    private Status Change(string path, Status atMountRoot, Func<IFileSystem, string, Status> change)
        => At(
            path, static (place, call) => Plain(place.IsMountRoot
                ? call.atMountRoot
                : call.change(place.Root, place.Rest)),
            (atMountRoot, change)).Status;

    private static Result<bool> Plain(Status status) => new(status, status == Status.Ok);

    private Result<T> At<T, TState>(
        string path, Func<Place, TState, Result<T>> operation, TState state)
    {
        Result<Place> located = Locate(path);
        if (!located.IsOk) return located.Status;
        using Place place = located.Value;
        return operation(place, state);
    }
}

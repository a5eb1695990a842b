// Files by path, for programs: Vfs says which mount, the mount's server does the rest.
//
// Roots of mounts are cached, and never stale (MountCache). Errors are a Status each; nothing
// throws.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Files.Keeping;

namespace Shared.Sdk.Files;

/// <summary>One line of a directory.</summary>
public readonly record struct ListedEntry(
    string Name, FileType Type, ulong LengthBytes, ulong ModifiedNs);

/// <summary>The owner disposes it, unless its process ends anyway.</summary>
/// <param name="given">What the program has instead of Vfs, if anything.</param>
public sealed class FileApi(
    IKernel kernel, Handle vfs, CanonicalPath directory = default, GivenDirectories? given = null)
    : IDisposable
{
    private const int ListBytes = 16 * 1024;
    private const int MaxEntries = 100_000;
    private const int MaxTries = 3;
    private const int StepBytes = Message.MaxLeaseStepBytes;

    private readonly MountCache _mounts = new(kernel, new VfsClient(kernel, vfs));
    private readonly KeptFiles _kept = new(kernel);

    /// <summary>
    /// Where a path leads: the mount's root, which the caller does not close, and the rest.
    /// </summary>
    public readonly record struct Place(Handle Root, string Path, int RestOffset, uint MountId)
    {
        public ReadOnlySpan<char> Rest => Path.AsSpan(RestOffset);
    }

    /// <summary>What relative paths begin at.</summary>
    public CanonicalPath Directory { get; set; } = directory;

    /// <summary>With what a program gets from its shell: CAP_vfs or directories, CWD.</summary>
    public static FileApi Open(TaskContext context)
    {
        Result<CanonicalPath> directory =
            CanonicalPath.Parse(context.Environment("CWD") ?? "/");
        GivenDirectories? given = GivenDirectories.Of(context);
        return new FileApi(
            context.Kernel, given is null ? context.Claim("vfs") : Handle.None,
            directory.IsOk ? directory.Value : CanonicalPath.Root, given);
    }

    public Result<FileStat> Stat(string path) => At(
        path, 0, static (files, place, _) => files.Stat(place.Rest));

    public Result<RemoteFile> Open(string path, OpenMode mode)
    {
        KeptFile? kept = BeginOpen(path, mode);
        if (kept?.Client is { } again) return new RemoteFile(kernel, again, this, null, mode, kept);
        Result<OpenedFile> opened = At(
            path, mode, static (files, place, mode) => files.Open(place.Rest, mode));
        if (!opened.IsOk) return opened.Status;
        FileSystemClient file = new(kernel, opened.Value.File.Handle);
        kept?.Opened(file);
        return new RemoteFile(kernel, file, this, opened.Value.LengthBytes, mode, kept);
    }

    /// <summary>
    /// Before a file is opened: what the program has of it, or how to keep what it opens. Null:
    /// nothing is kept.
    /// </summary>
    public KeptFile? BeginOpen(string path, OpenMode mode) =>
        _mounts.Words is { } words ? _kept.Begin(words, path, mode) : null;

    /// <summary>For reads of an open file, by whoever closes that as well.</summary>
    public ReadCache CacheFor(FileSystemClient file) => new(kernel, file, _mounts);

    /// <summary>As CacheFor, for its writes.</summary>
    public WriteBehind WritesFor(FileSystemClient file) => new(kernel, file, _mounts);

    /// <summary>A capability for the directory; the caller closes it.</summary>
    public Result<Handle> OpenDirectory(string path)
    {
        Result<Capability> opened = At(
            path, 0, static (files, place, _) => files.OpenDirectory(place.Rest));
        return new Result<Handle>(opened.Status, opened.Value.Handle);
    }

    public Status MakeDirectory(string path) => At(path, 0, static (files, place, _) =>
        Bare(place.Rest.Length == 0 ? Status.AlreadyExists : files.MakeDirectory(place.Rest)))
        .Status;

    public Status RemoveFile(string path)
    {
        _kept.Forget(path);
        return At(path, 0, static (files, place, _) =>
            Bare(place.Rest.Length == 0 ? Status.IsMount : files.RemoveFile(place.Rest))).Status;
    }

    public Status RemoveDirectory(string path) => At(path, 0, static (files, place, _) =>
        Bare(place.Rest.Length == 0 ? Status.IsMount : files.RemoveDirectory(place.Rest))).Status;

    public Result<VolumeStat> DescribeVolume(string path) => At(
        path, 0, static (files, place, _) => files.DescribeVolume());

    public Status Rename(string source, string target)
    {
        _kept.Forget(target);
        return At(source, target, (files, from, target) =>
        {
            Result<Place> to = Resolve(target);
            Status status = !to.IsOk ? to.Status
                : from.Rest.Length == 0 || to.Value.Rest.Length == 0 ? Status.IsMount
                : from.MountId != to.Value.MountId ? Status.CrossMount
                : files.Rename(from.Rest, to.Value.Rest);
            return Bare(status);
        }).Status;
    }

    /// <summary>All entries, by name. TooLarge beyond 100,000.</summary>
    public Result<List<ListedEntry>> List(string path)
    {
        List<ListedEntry> entries = [];
        byte[] buffer = new byte[ListBytes];
        ulong cookie = 0;
        do
        {
            Result<ListedEntries> page = ReadEntries(path, cookie, buffer);
            if (!page.IsOk) return page.Status;
            EntryReader reader = new(
                buffer.AsSpan(0, (int)Math.Min(page.Value.LengthBytes, ListBytes)));
            int before = entries.Count;
            while (reader.TryRead(out EntryHeader header, out string name))
            {
                entries.Add(new ListedEntry(
                    name, header.Type, header.LengthBytes, header.ModifiedNs));
            }
            if (entries.Count > MaxEntries) return Status.TooLarge;
            // A page without entries would repeat for ever.
            cookie = entries.Count == before ? 0 : page.Value.NextCookie;
        }
        while (cookie != 0);
        entries.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return entries;
    }

    /// <summary>A page of a directory, for EntryReader; the cookie is 0 first.</summary>
    public Result<ListedEntries> ReadEntries(string path, ulong cookie, byte[] buffer) => At(
        path, (cookie, buffer), static (files, place, call) =>
            files.List(place.Rest, call.cookie, call.buffer));

    /// <summary>The whole file; TooLarge when it is longer than the caller wants.</summary>
    public Result<byte[]> ReadAll(string path, int maxBytes)
    {
        Result<RemoteFile> opened = Open(path, OpenMode.Read);
        if (!opened.IsOk) return opened.Status;
        using RemoteFile file = opened.Value;
        ulong lengthBytes = file.OpenedLengthBytes ?? file.Stat().Value.LengthBytes;
        byte[] bytes = new byte[Math.Min((ulong)maxBytes + 1, lengthBytes + 1)];
        int length = 0;
        while (true)
        {
            if (length > maxBytes) return Status.TooLarge;
            if (length == bytes.Length) Array.Resize(ref bytes, Math.Min(maxBytes, length * 2) + 1);
            int step = Math.Min(StepBytes, bytes.Length - length);
            Result<uint> read = file.Read(bytes.AsSpan(length, step));
            if (!read.IsOk) return read.Status;
            if (read.Value == 0) return bytes[..length];
            length += (int)read.Value;
        }
    }

    /// <summary>Makes or replaces the file.</summary>
    public Status WriteAll(string path, ReadOnlySpan<byte> bytes)
    {
        Result<RemoteFile> opened = Open(
            path, OpenMode.Write | OpenMode.Create | OpenMode.Truncate);
        if (!opened.IsOk) return opened.Status;
        using RemoteFile file = opened.Value;
        while (!bytes.IsEmpty)
        {
            int step = Math.Min(StepBytes, bytes.Length);
            Result<uint> written = file.Write(bytes[..step]);
            if (!written.IsOk) return written.Status;
            bytes = bytes[step..];
        }
        return Status.Ok;
    }

    private Result<Place> Resolve(string path)
    {
        Result<CanonicalPath> parsed = CanonicalPath.Parse(path, Directory);
        if (!parsed.IsOk) return parsed.Status;
        return given is null ? _mounts.Resolve(parsed.Value.Text) : given.Resolve(parsed.Value);
    }

    /// <summary>Does an operation of the file server that a path leads to.</summary>
    public Result<T> At<T, TState>(
        string path, TState state, Func<FileSystemClient, Place, TState, Result<T>> operation)
    {
        for (int tries = 0; ; tries++)
        {
            Result<Place> place = Resolve(path);
            if (!place.IsOk)
            {
                if (place.Status == Status.Revoked && tries < MaxTries) continue;
                return place.Status;
            }
            FileSystemClient files = new(kernel, place.Value.Root);
            Result<T> result = operation(files, place.Value, state);
            if (result.Status is not (Status.Revoked or Status.BadHandle)) return result;
            // Unmounted, and perhaps mounted again, since the root came.
            _mounts.Forget(place.Value.Root);
            bool isRepeated = files.LastOutcome == Outcome.NotExecuted && tries < MaxTries;
            if (!isRepeated) return result;
        }
    }

    public void Dispose()
    {
        _kept.Dispose();
        _mounts.Dispose();
    }

    private static Result<int> Bare(Status status) => new(status, 0);
}

// IFileSystem in memory: from a badge to a node, and from the node to its tree or bytes.
//
// Rules: the loop commits everything to the vault before it answers, so the next incarnation goes
// on where this one died, with the capabilities that it minted. A request that comes again after a
// death is not executed twice.

using System;
using System.Collections.Generic;
using System.Numerics;
using System.Text;
using Servers.MemFs.Staging;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed partial class MemFsServer : IServer, IFileSystemUtf8Handler
{
    /// <summary>
    /// Times of files are multiples of this, as they are of 4 ms on most Linux: of changes that
    /// follow each other quickly only the first one changes the time (decision 0065).
    /// </summary>
    public const ulong TimeStepNs = 1_000_000;
    private const int StepBytes = 64 * 1024;
    private const ulong ReconcileAfterNs = 100_000_000;

    private readonly MemFsOptions _options;
    private readonly Func<ulong> _nowNs;
    private readonly MemVault _vault;
    private readonly RequestLog _requests;
    private readonly MemTree _tree;
    private readonly FileBytes _bytes;
    private readonly OpenObjects _objects;
    private readonly FileWords _words = new();
    private readonly StagedFiles _staged;
    /// <summary>Bytes between a lease and a file; a failed lease has changed no file.</summary>
    private byte[] _scratch = [];
    private FixedBuffer? _entries;
    /// <summary>What is in _entries, as of which transaction.</summary>
    private Listing _listing;
    private ListedEntries _listed;

    private readonly record struct Listing(
        NodeKey Directory, ulong Cookie, uint RoomBytes, ulong Transaction);

    /// <param name="nowNs">Nanoseconds since 1970.</param>
    public MemFsServer(MemFsOptions options, Func<ulong> nowNs, MemVault vault)
    {
        _options = options;
        _nowNs = nowNs;
        _vault = vault;
        _requests = vault.Requests;
        _tree = new MemTree(vault, nowNs);
        _bytes = _tree.Bytes;
        _objects = _tree.Objects;
        _staged = new StagedFiles(vault, _tree, _words, nowNs);
        _tree.FinishShrinking();
        if (!vault.IsNew) return;
        foreach (string name in options.DirectoriesAtStart)
            _tree.MakeDirectory(_tree.Root, Encoding.UTF8.GetBytes(name));
        vault.Publish();
    }

    /// <summary>
    /// Tells who knows what is held. What waits for holders that nobody has any more goes: not now,
    /// but when there is nothing else to do. What was closed while nobody served the kernel tells
    /// anyway (it owes Closed); of another endpoint, which had the vault before, it does not.
    /// </summary>
    public void ReconcileLater(IKernel kernel, Handle endpoint)
    {
        _objects.Ask(kernel, endpoint);
        _staged.Ask(kernel);
        NextDeadlineNs = kernel.ClockNow() + ReconcileAfterNs;
    }

    private void Reconcile()
    {
        _staged.EndGone(_objects);
        foreach (Badge badge in _objects.GoneWithLocks())
        {
            Closed(badge);
            Commit();
        }
        foreach (NodeKey gone in _tree.Gone())
        {
            _tree.Reclaim(gone);
            Commit();
        }
    }

    private bool IsReadOnly => _options.Access == Access.ReadOnly;

    public ulong NextDeadlineNs { get; private set; }

    public void Handle(Request request) => FileSystemUtf8Dispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
        if (_staged.Count != 0) _staged.Closed(badge);
        if (_objects.TryClose(badge, out Node node)) _tree.Reclaim(node, badge);
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
        NextDeadlineNs = 0;
        Reconcile();
    }

    public void Commit()
    {
        _vault.Commit();
        _tree.FinishShrinking();
    }

    public Result<FileStat> Stat(Request request, ReadOnlySpan<byte> path)
    {
        Status status = FindNode(request, path, out _, out Node node);
        if (status == Status.Ok) status = Take(node);
        return status == Status.Ok ? Describe(node) : status;
    }

    public Result<OpenedFile> Open(Request request, ReadOnlySpan<byte> path, OpenMode mode)
    {
        Status status = FindNode(request, path, out Node from, out Node node, out bool isLast);
        if (!OpenModes.AreSensible(mode)) return Status.BadArgument;
        if (IsReadOnly && mode.HasFlag(OpenMode.Write)) return Status.ReadOnly;
        // What neither makes nor cuts anything is done again.
        bool isChange = (mode & (OpenMode.Create | OpenMode.Truncate)) != 0;
        ulong content = isChange ? ContentOf(request, from, path, (ulong)mode) : 0;
        if (isChange && _requests.TryFind(request, content, out ulong opened))
        {
            return OpenAgain(request, opened, mode);
        }
        bool isMade = status == Status.NotFound && mode.HasFlag(OpenMode.Create);
        if (isMade)
        {
            if (IsReadOnly) return Status.ReadOnly;
            // Nothing has looked for another name since.
            status = isLast ? _tree.MakeMissing(node, out node)
                : _tree.MakeFile(from, path, out node);
        }
        else if (status == Status.Ok && mode.HasFlag(OpenMode.Exclusive))
        {
            status = Status.AlreadyExists;
        }
        bool isCut = mode.HasFlag(OpenMode.Truncate);
        if (status == Status.Ok) status = isCut ? EndStaged(node) : Take(node);
        if (status != Status.Ok) return status;
        if (node.IsDirectory) return Status.IsDirectory;
        Result<Capability> minted = Mint(request, node, mode);
        if (!minted.IsOk)
        {
            if (isMade) _tree.RemoveFile(from, path);
            return minted.Status;
        }
        if (isCut) Touch(node, _bytes.SetLength(node, 0));
        if (isMade || isCut) _requests.Record(request, content, node.Key.Value);
        return new OpenedFile(minted.Value, node.LengthBytes);
    }

    /// <summary>
    /// The file that the request has made or cut before, wherever its name is now; it is neither
    /// made nor cut again. NotFound when somebody has deleted it since.
    /// </summary>
    private Result<OpenedFile> OpenAgain(Request request, ulong key, OpenMode mode)
    {
        if (_tree.FindLinked(new NodeKey(key)) is not { } file) return Status.NotFound;
        Result<Capability> minted = Mint(request, file, mode);
        return minted.IsOk ? new OpenedFile(minted.Value, file.LengthBytes) : minted.Status;
    }

    public Result<Capability> OpenDirectory(Request request, ReadOnlySpan<byte> path)
    {
        Status status = FindNode(request, path, out _, out Node node);
        if (status != Status.Ok) return status;
        return node.IsDirectory ? Mint(request, node, default) : Status.NotDirectory;
    }

    public Status MakeDirectory(Request request, ReadOnlySpan<byte> path)
    {
        Status status = FindForChange(request, path, out Node from);
        if (status != Status.Ok) return status;
        ulong content = ContentOf(request, from, path);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        return Keep(request, content, _tree.MakeDirectory(from, path));
    }

    public Status RemoveFile(Request request, ReadOnlySpan<byte> path)
    {
        Status status = FindForChange(request, path, out Node from);
        if (status != Status.Ok) return status;
        ulong content = ContentOf(request, from, path);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        return KeepNames(request, content, _tree.RemoveFile(from, path));
    }

    public Status RemoveDirectory(Request request, ReadOnlySpan<byte> path)
    {
        Status status = FindForChange(request, path, out Node from);
        if (status != Status.Ok) return status;
        ulong content = ContentOf(request, from, path);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        return KeepNames(request, content, _tree.RemoveDirectory(from, path));
    }

    public Status Rename(Request request, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target)
    {
        Status status = FindForChange(request, source, out Node from);
        ulong content = ContentOf(request, from, source) ^ ContentOf(request, from, target, 1);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        if (status is not (Status.Ok or Status.ReadOnly)) return status;
        Status good = PathRules.CheckRelative(target);
        if (good != Status.Ok) return good;
        if (status != Status.Ok) return status;
        return KeepNames(request, content, _tree.Rename(from, source, target));
    }

    public Result<ListedEntries> List(
        Request request, ReadOnlySpan<byte> path, ulong cookie, WriteLease entries)
    {
        Status status = FindNode(request, path, out _, out Node directory);
        if (status != Status.Ok) return status;
        if (!directory.IsDirectory) return Status.NotDirectory;
        status = TakeAll();
        if (status != Status.Ok) return status;
        uint room = Math.Min(entries.LengthBytes, StepBytes);
        Listing asked = new(directory.Key, cookie, room, _vault.Log.Transaction);
        if (asked != _listing)
        {
            _listing = default;
            status = WriteEntries(directory, cookie, (int)room, out _listed);
            if (status != Status.Ok) return status;
            _listing = asked;
        }
        status = entries.AnswerFrom(0, _entries!.First((int)_listed.LengthBytes));
        return status == Status.Ok ? _listed : status;
    }

    private Status WriteEntries(
        Node directory, ulong cookie, int room, out ListedEntries listed)
    {
        listed = default;
        _entries ??= new FixedBuffer(StepBytes);
        EntryWriter writer = new(_entries.Span[..room]);
        SlotLink next = _tree.After(directory, cookie);
        while (!next.IsNone)
        {
            NodeRecord entry = _vault.Nodes.Read(next);
            if (!writer.TryBegin(entry.Header, out Span<ulong> name)) break;
            entry.CopyName(name);
            cookie = entry.Cookie;
            next = entry.Next;
        }
        if (!next.IsNone && writer.Count == 0) return Status.TooLarge;
        listed = new ListedEntries(writer.LengthBytes, writer.Count, next.IsNone ? 0 : cookie);
        return Status.Ok;
    }

    public Result<VolumeStat> DescribeVolume(Request request)
    {
        Status status = FindDirectory(request, out _);
        if (status == Status.Ok) status = TakeAll();
        if (status != Status.Ok) return status;
        return new VolumeStat
        {
            TotalBytes = (ulong)_vault.Chunks.TotalChunks * ChunkStore.ChunkBytes,
            UsedBytes = (ulong)_vault.Chunks.UsedChunks * ChunkStore.ChunkBytes,
            Files = (ulong)_tree.Nodes,
            MaxFileBytes = FileBytes.MaxBytes,
            Flags = IsReadOnly ? VolumeFlags.ReadOnly : VolumeFlags.None,
        };
    }

    public Status SetTime(Request request, ReadOnlySpan<byte> path, ulong modifiedNs)
    {
        Status status = FindNode(request, path, out Node from, out Node node);
        ulong content = ContentOf(request, from, path, modifiedNs);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        if (IsReadOnly) return Status.ReadOnly;
        if (status == Status.Ok) status = EndStaged(node);
        if (status == Status.Ok) node.ModifiedNs = modifiedNs == 0 ? _nowNs() : modifiedNs;
        return Keep(request, content, status);
    }

    public Status SyncAll(Request request) => FindDirectory(request, out _);

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        Status status = FindBytes(request, OpenMode.Read, out Node file);
        if (status != Status.Ok) return status;
        uint done = 0;
        while (done < target.LengthBytes)
        {
            // Beyond the last offset there is nothing; the sum must not wrap round to the start.
            if (offset > FileBytes.MaxBytes) break;
            int room = (int)Math.Min(target.LengthBytes - done, StepBytes);
            Run run = _bytes.RunAt(file, offset + done, room);
            if (run.LengthBytes == 0) break;
            status = Give(run, target, done);
            if (status != Status.Ok) return status;
            done += (uint)run.LengthBytes;
        }
        return done;
    }

    /// <summary>One copy, from where the bytes lie to where the caller wants them.</summary>
    private Status Give(Run run, WriteLease target, uint done)
    {
        if (done + run.LengthBytes == target.LengthBytes && _bytes.Fixed(run) is var last
            && !last.IsEmpty)
        {
            return target.AnswerFrom(done, last);
        }
        ReadOnlySpan<byte> window = _bytes.Window(run);
        if (!window.IsEmpty) return target.CopyFrom(done, window);
        Span<byte> bytes = Scratch(run.LengthBytes);
        _bytes.Read(run, bytes);
        return target.CopyFrom(done, bytes);
    }

    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        Status status = FindBytes(request, OpenMode.Write, out Node file);
        if (status != Status.Ok) return status;
        // At an offset it is made again, as nothing comes between (decision 0065).
        bool isOnce = IsAppending(request) || RequestLog.IsNested(request.Id);
        ulong content = isOnce ? ContentOf(request, file, default, offset, source.LengthBytes) : 0;
        if (isOnce && _requests.TryFind(request, content, out _)) return source.LengthBytes;
        if (source.LengthBytes > Limits.MaxWriteBytes) return Status.TooLarge;
        if (IsAppending(request)) offset = file.LengthBytes;
        status = WriteBytes(file, offset, source);
        if (source.LengthBytes != 0) status = Touch(file, status);
        if (isOnce) status = Keep(request, content, status);
        return status == Status.Ok ? source.LengthBytes : status;
    }

    private Status WriteBytes(Node file, ulong offset, ReadLease source)
    {
        Status status = _staged.MakeRoom(FileBytes.MostChunksFor(source.LengthBytes));
        return status == Status.Ok ? _bytes.Write(file, offset, new LeaseSource(source)) : status;
    }

    public Result<ulong> Append(Request request, ReadLease source)
    {
        Status status = FindBytes(request, OpenMode.Write, out Node file);
        if (status != Status.Ok) return status;
        ulong content = ContentOf(request, file, default, source.LengthBytes);
        if (_requests.TryFind(request, content, out ulong answer)) return answer;
        if (source.LengthBytes > Limits.MaxWriteBytes) return Status.TooLarge;
        status = WriteBytes(file, file.LengthBytes, source);
        if (source.LengthBytes != 0) status = Touch(file, status);
        status = Keep(request, content, status, file.LengthBytes);
        return status == Status.Ok ? file.LengthBytes : status;
    }

    public Status SetLength(Request request, ulong lengthBytes)
    {
        Status status = FindBytes(request, OpenMode.Write, out Node file);
        if (status != Status.Ok) return status;
        ulong content = ContentOf(request, file, default, lengthBytes);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        status = Touch(file, _bytes.SetLength(file, lengthBytes));
        return Keep(request, content, status);
    }

    public Status Lock(Request request, LockMode mode)
    {
        Status status = FindFile(request, default, out Node file);
        if (status != Status.Ok) return status;
        if (mode > LockMode.Exclusive) return Status.BadArgument;
        // The lock is the capability's own: one that is opened again has none yet.
        ulong content = ContentOf(request, file, default, (ulong)mode, request.Badge.Value);
        if (_requests.TryFind(request, content, out _)) return Status.Ok;
        return Keep(request, content, _objects.SetLock(request.Badge, file, mode));
    }

    public Result<FileStat> StatFile(Request request)
    {
        Status status = FindFile(request, default, out Node file);
        if (status == Status.Ok) status = Take(file);
        return status == Status.Ok ? Describe(file) : status;
    }

    public Result<WatchedFile> Watch(Request request)
    {
        Status status = FindFile(request, default, out Node file);
        return status == Status.Ok ? _words.Watch(request.Kernel, file.Number) : status;
    }

    public Result<StagedFile> Stage(Request request, Capability memory)
    {
        Status status = FindBytes(request, OpenMode.Write, out Node file);
        if (status != Status.Ok) return request.Refuse(status, memory);
        OpenMode mode = new FileBadge(request.Badge.Value).Mode;
        Result<Capability> minted = Mint(request, file, mode, out Badge badge);
        if (!minted.IsOk) return request.Refuse(minted.Status, memory);
        status = _staged.Begin(request.Kernel, file, badge, memory.Handle);
        if (status != Status.Ok) return status;
        // The record first: a death before the move leaves a handle in it that is nothing, and the
        // call comes again; the other way round the vault would hold one that nobody knows.
        Commit();
        request.Kernel.MoveToVault(memory.Handle);
        return new StagedFile(minted.Value, file.LengthBytes, mode);
    }

    public Status Settle(Request request)
    {
        Status status = FindFile(request, OpenMode.Write, out _);
        return status == Status.Ok ? _staged.Settle(request.Badge) : status;
    }

    public Status Flush(Request request) => FindFile(request, default, out _);

    /// <summary>
    /// What is asked of which node, in a word: badges differ when a request opens a file again.
    /// </summary>
    private static ulong ContentOf(
        Request request, Node node, ReadOnlySpan<byte> path, ulong first = 0, ulong second = 0) =>
        RequestContent.Of(request.Operation, node.Number, path, first, second);

    private static bool IsAppending(Request request) =>
        (new FileBadge(request.Badge.Value).Mode & OpenMode.Append) != 0;

    private Result<Capability> Mint(Request request, Node node, OpenMode mode) =>
        Mint(request, node, mode, out _);

    private Result<Capability> Mint(Request request, Node node, OpenMode mode, out Badge badge)
    {
        badge = default;
        if (!_objects.CanOpen) return Status.QuotaExceeded;
        badge = _objects.NextBadge(node, mode);
        Result<Capability> minted = request.MintWithAnswer(Rights.Use, badge);
        if (minted.IsOk) _objects.Opened(node);
        return minted;
    }

    /// <summary>Room for so many bytes; what was in it may be gone.</summary>
    private Span<byte> Scratch(int lengthBytes)
    {
        if (lengthBytes > _scratch.Length)
        {
            _scratch = new byte[BitOperations.RoundUpToPowerOf2((uint)lengthBytes)];
        }
        return _scratch.AsSpan(0, lengthBytes);
    }

    /// <summary>A success is answered from the record if the request comes again.</summary>
    private Status Keep(Request request, ulong content, Status status, ulong answer = 0)
    {
        if (status == Status.Ok) _requests.Record(request, content, answer);
        return status;
    }

    /// <summary>And some name leads elsewhere.</summary>
    private Status KeepNames(Request request, ulong content, Status status)
    {
        _words.NoteNames();
        return Keep(request, content, status);
    }

    private Status Touch(Node file, Status status)
    {
        _words.NoteChange(file.Number);
        if (status == Status.Ok) file.ModifiedNs = _nowNs();
        return status;
    }

    private FileStat Describe(Node node) => new()
    {
        Type = node.Type,
        Links = _tree.IsLinked(node) ? 1u : 0u,
        LengthBytes = node.LengthBytes,
        ModifiedNs = node.ModifiedNs,
        FileNumber = node.Number,
        CreatedNs = node.CreatedNs,
    };
}

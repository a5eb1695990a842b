// From a request to what it names, and what operations have in common.

using System;
using System.Runtime.InteropServices;
using Servers.FatFs.Directories;
using Servers.FatFs.Keeping;
using Servers.FatFs.Trees;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.FatFs;

internal sealed partial class FatFsServer
{
    private bool IsKnown(Request request) => _objects.TryFind(request.Badge, out _);

    private Status FindDirectory(Request request, out FatNode directory)
    {
        directory = _nodes.Root;
        if (!_objects.TryFind(request.Badge, out OpenObject opened)) return Status.NotFound;
        if (!opened.Node.IsDirectory) return Status.NotDirectory;
        directory = opened.Node;
        return Status.Ok;
    }

    private Status FindEntry(
        Request request, string path, out FatNode from, out FatEntry entry)
    {
        Status status = FindDirectory(request, out from);
        entry = _tree.EntryOf(from);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        return status == Status.Ok ? _tree.Find(from, path, out entry) : status;
    }

    private Status FindFile(Request request, OpenMode needed, out FatNode file)
    {
        file = null!;
        if (!_objects.TryFind(request.Badge, out OpenObject opened)) return Status.NotFound;
        if (opened.Node.IsDirectory) return Status.IsDirectory;
        if ((opened.Mode & needed) != needed) return Status.NoRight;
        file = opened.Node;
        return Status.Ok;
    }

    /// <summary>A change of names, once.</summary>
    private Status ChangeNames(
        Request request, string path, ulong content, Func<FatNode, Status> change)
    {
        if (_vault.Requests.TryFind(request, content, out _)) return Status.Ok;
        return Guard(() =>
        {
            Status status = FindDirectory(request, out FatNode from);
            if (status == Status.Ok) status = PathRules.CheckRelative(path);
            if (status == Status.Ok && IsReadOnly) status = Status.ReadOnly;
            if (status != Status.Ok) return status;
            MakeRoom();
            _words.NoteNames();
            status = change(from);
            if (status == Status.Ok) _executed = (request, content, 0);
            return status;
        });
    }

    /// <summary>A change of an open file, once.</summary>
    private Status ChangeFile(Request request, ulong content, Func<FatNode, Status> change) =>
        Guard(() =>
        {
            Status status = FindFile(request, OpenMode.Write, out FatNode file);
            if (status == Status.Ok && IsReadOnly) status = Status.ReadOnly;
            if (status != Status.Ok) return status;
            MakeRoom();
            _words.NoteChange(file.Number);
            status = change(file);
            if (status == Status.Ok) _executed ??= (request, content, 0);
            return status;
        });

    private bool IsAppending(Request request) =>
        _objects.TryFind(request.Badge, out OpenObject opened)
        && opened.Mode.HasFlag(OpenMode.Append);

    private Result<Capability> Mint(Request request, FatNode node, OpenMode mode)
    {
        Badge badge = _objects.NextBadge();
        Result<Capability> minted = request.MintWithAnswer(Rights.Use, badge);
        if (!minted.IsOk) return minted;
        if (node.Holders == 0 && node != _nodes.Root) _opened.Add(node);
        _objects.Add(badge, node, mode);
        return minted;
    }

    private Status Stage(ReadLease source)
    {
        if (source.LengthBytes > Limits.MaxWriteBytes) return Status.TooLarge;
        if (source.LengthBytes > _staging.Length) _staging = new byte[Limits.MaxWriteBytes];
        return source.CopyTo(0, _staging.AsSpan(0, (int)source.LengthBytes));
    }

    /// <summary>
    /// What is asked of which node, in a word: badges differ when a request opens a file again.
    /// </summary>
    private ulong ContentOf(
        Request request, ReadOnlySpan<char> path, ulong first = 0, ulong second = 0)
    {
        bool isKnown = _objects.TryFind(request.Badge, out OpenObject opened);
        ulong number = isKnown ? opened.Node.Number : 0;
        return RequestContent.Of(
            request.Operation, number, MemoryMarshal.AsBytes(path), first, second);
    }

    private FileStat Describe(FatNode node) =>
        Describe(_tree.EntryOf(node), node.Number, node.IsLinked ? 1u : 0u) with
        {
            LengthBytes = node.State.LengthBytes,
        };

    private static FileStat Describe(FatEntry entry, ulong number, uint links) => new()
    {
        Type = entry.Type,
        Links = links,
        LengthBytes = entry.LengthBytes,
        ModifiedNs = entry.ModifiedNs,
        FileNumber = number,
        CreatedNs = entry.CreatedNs,
    };
}

// From a request to the node that it names, and what is done before anybody is answered about it:
// writes that were left in memory are taken.

using System;
using System.Runtime.CompilerServices;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;

namespace Servers.MemFs;

internal sealed partial class MemFsServer
{
    private Status FindDirectory(Request request, out Node directory)
    {
        directory = _tree.Root;
        if (!_objects.TryFind(request.Badge, out OpenObject opened)) return Status.Revoked;
        directory = opened.Node;
        return directory.IsDirectory ? Status.Ok : Status.NotDirectory;
    }

    /// <summary>The node of a path; on NotFound and NotDirectory, how far the path led.</summary>
    private Status FindNode(
        Request request, ReadOnlySpan<byte> path, out Node from, out Node node) =>
        FindNode(request, path, out from, out node, out _);

    /// <param name="isLast">As of MemTree.Find.</param>
    private Status FindNode(
        Request request, ReadOnlySpan<byte> path, out Node from, out Node node, out bool isLast)
    {
        Status status = FindDirectory(request, out from);
        node = from;
        isLast = false;
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        return status == Status.Ok ? _tree.Find(from, path, out node, out isLast) : status;
    }

    private Status FindForChange(Request request, ReadOnlySpan<byte> path, out Node from)
    {
        Status status = FindDirectory(request, out from);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        if (status == Status.Ok && IsReadOnly) status = Status.ReadOnly;
        return status;
    }

    private Status FindFile(Request request, OpenMode needed, out Node file)
    {
        file = default;
        if (!_objects.TryFind(request.Badge, out OpenObject opened)) return Status.Revoked;
        if (opened.Node.IsDirectory) return Status.IsDirectory;
        file = opened.Node;
        return (opened.Mode & needed) == needed ? Status.Ok : Status.NoRight;
    }

    /// <summary>As FindFile, for who reads or changes its bytes: nothing is staged then.</summary>
    private Status FindBytes(Request request, OpenMode needed, out Node file)
    {
        Status status = FindFile(request, needed, out file);
        return status == Status.Ok ? EndStaged(file) : status;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Status EndStaged(Node file) =>
        _staged.Count == 0 ? Status.Ok : _staged.End(file);

    /// <summary>What is staged is in the file, as far as it has come.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Status Take(Node node) => _staged.Count == 0 ? Status.Ok : _staged.Take(node);

    private Status TakeAll() => _staged.Count == 0 ? Status.Ok : _staged.TakeAll();
}

// The operations that would change something: all ReadOnly, once the capability is of their kind.

using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;

namespace Servers.ProcFs;

internal sealed partial class ProcFsServer
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

    public Result<WatchedFile> Watch(Request request) => Lock(request, default);

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Settle(request), memory);

    public Status Settle(Request request) => Lock(request, default);

    private Status RefuseChange(Request request, string path)
    {
        Status status = FindDirectory(request, out _);
        if (status == Status.Ok) status = PathRules.CheckRelative(path);
        return status == Status.Ok ? Status.ReadOnly : status;
    }

    private static Status RefuseWrite(Request request)
    {
        if (!ProcNode.TryFromBadge(request.Badge, out ProcNode node)) return Status.NotFound;
        return node.IsDirectory ? Status.IsDirectory : Status.ReadOnly;
    }
}

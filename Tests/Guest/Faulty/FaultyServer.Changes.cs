// The operations that would change something.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Faulty;

internal sealed partial class FaultyServer
{
    /// <summary>Where the bytes for the sink go; as many as one step of a lease moves.</summary>
    private readonly byte[] _sunk = new byte[Message.MaxLeaseStepBytes];

    public Status MakeDirectory(Request request, string path) => Status.ReadOnly;

    public Status RemoveFile(Request request, string path) => Status.ReadOnly;

    public Status RemoveDirectory(Request request, string path) => Status.ReadOnly;

    public Status Rename(Request request, string source, string target) => Status.ReadOnly;

    public Status SetTime(Request request, string path, ulong modifiedNs) => Status.ReadOnly;

    /// <summary>Nothing but the call and the copy: what `bench calls` measures.</summary>
    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        Result<int> found = FileOf(request);
        if (!found.IsOk) return found.Status;
        if (FaultyFiles.All[found.Value].Habit != Habit.Sink) return Status.ReadOnly;
        uint length = Math.Min(source.LengthBytes, (uint)_sunk.Length);
        Status status = source.CopyTo(0, _sunk.AsSpan(0, (int)length));
        return status == Status.Ok ? length : status;
    }

    public Result<ulong> Append(Request request, ReadLease source) => Status.ReadOnly;

    public Status SetLength(Request request, ulong lengthBytes) => Status.ReadOnly;

    public Status Lock(Request request, LockMode mode) => Status.NotSupported;
    public Result<WatchedFile> Watch(Request request) => Status.NotSupported;

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Status.NotSupported, memory);

    public Status Settle(Request request) => Status.NotSupported;
}

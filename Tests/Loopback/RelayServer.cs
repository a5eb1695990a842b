// A file server that has no files: it passes each operation on to another one, in nested calls.
//
// For tests of requests that go through two servers. Operations on a file are made on the file
// "relayed" of the lower directory, which is opened for each: so one request makes up to two
// nested calls, the second of which uses what the first has opened.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Loopback;

public sealed class RelayServer(IKernel kernel, Func<Handle> findLower)
    : IServer, IFileSystemHandler
{
    public const string FileName = "relayed";
    private const OpenMode Mode = OpenMode.Read | OpenMode.Write | OpenMode.Create;

    /// <summary>Called after each nested call, before anything is made of its answer.</summary>
    public Action Passed { get; init; } = static () => { };

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public void Commit()
    {
    }

    public Result<FileStat> Stat(Request request, string path) =>
        Pass(request, lower => lower.Stat(path));

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        Result<OpenedFile> opened = Pass(request, lower => lower.Open(path, mode));
        if (opened.IsOk) request.CloseAfterReply(opened.Value.File.Handle);
        return opened;
    }

    public Result<Capability> OpenDirectory(Request request, string path)
    {
        Result<Capability> opened = Pass(request, lower => lower.OpenDirectory(path));
        if (opened.IsOk) request.CloseAfterReply(opened.Value.Handle);
        return opened;
    }

    public Status MakeDirectory(Request request, string path) =>
        Pass(request, lower => lower.MakeDirectory(path));

    public Status RemoveFile(Request request, string path) =>
        Pass(request, lower => lower.RemoveFile(path));

    public Status RemoveDirectory(Request request, string path) =>
        Pass(request, lower => lower.RemoveDirectory(path));

    public Status Rename(Request request, string source, string target) =>
        Pass(request, lower => lower.Rename(source, target));

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries)
    {
        byte[] buffer = new byte[entries.LengthBytes];
        Result<ListedEntries> listed = Pass(request, lower => lower.List(path, cookie, buffer));
        if (!listed.IsOk) return listed.Status;
        Status status = entries.CopyFrom(0, buffer.AsSpan(0, (int)listed.Value.LengthBytes));
        return status == Status.Ok ? listed : status;
    }

    public Result<VolumeStat> DescribeVolume(Request request) =>
        Pass(request, lower => lower.DescribeVolume());

    public Status SetTime(Request request, string path, ulong modifiedNs) =>
        Pass(request, lower => lower.SetTime(path, modifiedNs));

    public Status SyncAll(Request request) => Pass(request, lower => lower.SyncAll());

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        byte[] buffer = new byte[target.LengthBytes];
        Result<uint> read = PassToFile(request, file => file.Read(offset, buffer));
        if (!read.IsOk) return read.Status;
        Status status = target.CopyFrom(0, buffer.AsSpan(0, (int)read.Value));
        return status == Status.Ok ? read : status;
    }

    public Result<uint> Write(Request request, ulong offset, ReadLease source)
    {
        byte[] bytes = new byte[source.LengthBytes];
        Status status = source.CopyTo(0, bytes);
        return status == Status.Ok
            ? PassToFile(request, file => file.Write(offset, bytes)) : status;
    }

    public Result<ulong> Append(Request request, ReadLease source)
    {
        byte[] bytes = new byte[source.LengthBytes];
        Status status = source.CopyTo(0, bytes);
        return status == Status.Ok ? PassToFile(request, file => file.Append(bytes)) : status;
    }

    public Status SetLength(Request request, ulong lengthBytes) =>
        PassToFile(request, file => new Result<int>(file.SetLength(lengthBytes), 0)).Status;

    public Status Lock(Request request, LockMode mode) => Status.NotSupported;
    public Result<WatchedFile> Watch(Request request) => Status.NotSupported;

    public Result<StagedFile> Stage(Request request, Capability memory) =>
        request.Refuse(Status.NotSupported, memory);

    public Status Settle(Request request) => Status.NotSupported;

    public Result<FileStat> StatFile(Request request) =>
        PassToFile(request, file => file.StatFile());

    public Status Flush(Request request) =>
        PassToFile(request, file => new Result<int>(file.Flush(), 0)).Status;

    private T Pass<T>(Request request, Func<FileSystemClient, T> operation)
    {
        T answer = operation(new FileSystemClient(kernel, findLower(), request.Serve));
        Passed();
        return answer;
    }

    private Result<T> PassToFile<T>(Request request, Func<FileSystemClient, Result<T>> operation)
    {
        Result<OpenedFile> opened = Pass(request, lower => lower.Open(FileName, Mode));
        if (!opened.IsOk) return opened.Status;
        Handle handle = opened.Value.File.Handle;
        Result<T> answer = operation(new FileSystemClient(kernel, handle, request.Serve));
        Passed();
        kernel.Close(handle);
        return answer;
    }
}

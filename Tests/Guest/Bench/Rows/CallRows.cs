// What a call of the kernel costs, and a call to another task and back.
//
// Rules: a null call is one to Vfs, which answers a number that it has. Calls with bytes go to the
// sink of Tests/Guest/Faulty: a file server that fetches the bytes by lease and forgets them.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class CallRows(TaskContext task, Timed timed, BenchOptions options)
{
    private const string Server = "faulty", Sink = Mounted.Directory + "/sink";

    public void Run()
    {
        int count = options.Count;
        Handle vfs = task.Claim("vfs");
        timed.Run("system call", count, () => Require(task.Kernel.DescribeHandle(vfs).Status));
        VfsClient names = new(task.Kernel, vfs);
        timed.Run("null call", count, () => Require(names.Version().Status));
        MeasureLeases(count);
        new ThreadRows(task, timed, options).Run();
    }

    private void MeasureLeases(int count)
    {
        FileApi files = FileApi.Open(task);
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        using Mounted mount = new(supervisor, files, Server);
        Result<RemoteFile> opened = files.Open(Sink, OpenMode.Write);
        Require(opened.Status);
        using RemoteFile sink = opened.Value;
        (string Name, int Bytes)[] rows =
            [("call 64 B", 64), ("call 4 KiB", 4096), ("call 64 KiB", 64 * 1024)];
        foreach ((string name, int lengthBytes) in rows)
        {
            byte[] bytes = new byte[lengthBytes];
            timed.Run(name, count, () => Write(sink, bytes));
        }
    }

    private static void Write(RemoteFile sink, byte[] bytes)
    {
        sink.Offset = 0;
        Result<uint> written = sink.Write(bytes);
        Require(written.Status);
        if (written.Value != bytes.Length) throw new BenchException($"{written.Value} bytes");
    }

    private static void Require(Status status) => BenchMount.Require(status, "call");
}

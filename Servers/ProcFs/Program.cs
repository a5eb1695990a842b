// ProcFs: the state of the system as files.

using System;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.ProcFs;

internal static class Program
{
    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        KernelRows rows = new(task.Kernel, task.Claim("machine"));
        ProcContents contents = new(rows, task.Claim("supervisor"), task.Find("log"));
        return new ProcFsServer(contents, NowNs);
    }

    private static ulong NowNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}

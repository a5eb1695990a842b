// ProcFs: the state of the system as files.

using System;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.ProcFs;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        KernelRows rows = new(task.Kernel, task.Claim("machine"));
        ProcContents contents = new(rows, task.Claim("supervisor"), task.Find("log"));
        ProcFsServer server = new(contents, NowNs);
        new ServerLoop(task.Kernel, endpoint, control)
            .Run(server, task.Find("supervisor"));
        return 0;
    }

    private static ulong NowNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}

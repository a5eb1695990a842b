// MemFs: one mount whose files live in this process's memory.

using System;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.MemFs;

internal static class Program
{
    private const int OptionsArgument = 3;

    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        MemFsOptions options = task.Arguments.Count > OptionsArgument
            ? MemFsOptions.Parse(task.Arguments[OptionsArgument])
            : MemFsOptions.Default;
        MemFsServer server = new(options, NowNs, task.NowNs);
        new ServerLoop(task.Kernel, endpoint, control).Run(server);
        return 0;
    }

    private static ulong NowNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}

// Vfs: resolves absolute paths to mounts.

using Shared.Abi;
using Shared.Sdk;

namespace Servers.Vfs;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        VfsServer server = new(task.Kernel, task.Claim("supervisor"));
        server.Refresh(default);
        new ServerLoop(task.Kernel, endpoint, control).Run(server);
        return 0;
    }
}

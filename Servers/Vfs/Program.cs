// Vfs: resolves absolute paths to mounts.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Vfs;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        Handle supervisor = task.Claim("supervisor");
        Handle mounts = task.Find("mounts");
        VfsServer server = TaskVault.Open(
            task, VfsVault.VaultBytes,
            memory => new VfsServer(task.Kernel, supervisor, new VfsVault(memory), mounts));
        server.Refresh(default);
        new ServerLoop(task.Kernel, endpoint, control)
            .Run(server, task.Find("supervisor"));
        return 0;
    }
}

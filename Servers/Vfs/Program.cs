// Vfs: resolves absolute paths to mounts.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Vfs;

internal static class Program
{
    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        Handle supervisor = task.Claim("supervisor");
        Handle mounts = task.Find("mounts");
        VfsServer server = TaskVault.Open(
            task, VfsVault.VaultBytes,
            memory => new VfsServer(task.Kernel, supervisor, new VfsVault(memory), mounts));
        server.Refresh(default);
        return server;
    }
}

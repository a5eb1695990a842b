// Pipes: all pipes of the machine, one ring of bytes each.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal static class Program
{
    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        PipesServer server = TaskVault.Open(
            task, PipesVault.VaultBytes,
            memory => new PipesServer(task.NowNs, new PipesVault(memory)));
        server.Reconcile(task.Kernel, endpoint);
        return server;
    }
}

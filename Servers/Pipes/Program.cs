// Pipes: all pipes of the machine, one ring of bytes each.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        PipesServer server = TaskVault.Open(
            task, PipesVault.VaultBytes,
            memory => new PipesServer(task.NowNs, new PipesVault(memory)));
        server.Reconcile(task.Kernel, endpoint);
        new ServerLoop(task.Kernel, endpoint, control)
            .Run(server, task.Find("supervisor"));
        return 0;
    }
}

// Pipes: all pipes of the machine, one ring of bytes each.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Pipes;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        PipesServer server = new(task.NowNs, OpenVault(task));
        server.Reconcile(task.Kernel, endpoint);
        new ServerLoop(task.Kernel, endpoint, control).Run(server);
        return 0;
    }

    private static PipesVault OpenVault(TaskContext task)
    {
        NativeVaultMemory? memory = NativeVaultMemory.Find(task);
        if (memory is not null) return new PipesVault(memory);
        task.Log("no vault: the pipes die with this process");
        return PipesVault.OnHeap();
    }
}

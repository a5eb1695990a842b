// Pci: finds the machine's devices, and has the configuration of each for its driver.

using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Drivers.Pci;

internal static class Program
{
    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        ConfigPorts ports = new(task.Kernel, task.Claim("ports_pci"));
        Handle supervisor = task.Find("supervisor");
        PciServer server = TaskVault.Open(
            task, PciVault.VaultBytes,
            memory => new PciServer(
                task.Kernel, ports, new PciVault(memory), supervisor, task.Log));
        server.Reconcile(endpoint);
        server.Report();
        return server;
    }
}

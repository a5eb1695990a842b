// Whether the machine's disks are known yet: the bus is looked through after the first prompt.

using Shared.Contracts;

namespace Shared.Sdk.Disks;

public static class DeviceScan
{
    /// <summary>The task that says what there is, before it serves anybody.</summary>
    public const string TaskName = "pci";

    /// <summary>
    /// Afterwards a disk that is there has its driver. Also when the bus is given up or missing.
    /// </summary>
    public static void Await(ISupervisor supervisor) => supervisor.WaitReady(TaskName);
}

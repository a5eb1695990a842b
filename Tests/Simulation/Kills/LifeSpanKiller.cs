// Kills the supervisor whenever it has lived for so long, at the next kernel entry of anybody.

using CosmosKernel;
using CosmosKernel.Processes;
using Shared.Abi;
using System.Text;

namespace Tests.Simulation.Kills;

public sealed class LifeSpanKiller(ulong lifeNs) : IKiller
{
    public Kernel Kernel { get; set; } = null!;
    public int Kills { get; private set; }

    public Process? AtEntry(Process maker, SystemCall call)
    {
        for (int index = 0; index < Kernel.Processes.Capacity; index++)
        {
            Process process = Kernel.Processes[index];
            bool isDue = process is { IsUsed: true, IsAlive: true }
                && Kernel.NowNs - process.StartedNs >= lifeNs
                && Encoding.UTF8.GetString(process.NameText) == "supervisor";
            if (!isDue) continue;
            Kills++;
            return process;
        }

        return null;
    }

    public int? AtStore(Process maker, int lengthBytes) => null;
}

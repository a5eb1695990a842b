// Decides who dies where.
//
// Asked at each point at which a kill may fall: each kernel entry, before the kernel answers it,
// and each store to a vault, before it is there. A write to a caller's memory is a kernel entry
// too (LeaseWrite).

using CosmosKernel.Processes;
using Shared.Abi;

namespace Tests.Simulation.Kills;

public interface IKiller
{
    /// <summary>Whom to kill; null for nobody. Most often the process that made the call.</summary>
    Process? AtEntry(Process maker, SystemCall call);

    /// <summary>
    /// How many bytes of the store still happen when its process dies of it; null when it lives.
    /// </summary>
    int? AtStore(Process maker, int lengthBytes);
}

/// <summary>When a killer begins to be asked.</summary>
public enum KillsFrom { Boot, Scenario }

/// <summary>Nobody dies.</summary>
public sealed class NoKiller : IKiller
{
    public Process? AtEntry(Process maker, SystemCall call) => null;

    public int? AtStore(Process maker, int lengthBytes) => null;
}

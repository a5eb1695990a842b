// From the origin to the loop; the same in the guest and in the simulation.

using System;
using Servers.Supervisor.Launching;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Servers.Supervisor;

public static class SupervisorMain
{
    public static void Run(Origin origin)
    {
        Parts parts = new(origin);
        CommitEarlyFault(parts);
        // Bound here, not by the loop: its fault bits are for tasks with a notification of their
        // own, and the supervisor commits its faults when it is asked to.
        Status status = origin.Kernel.NotificationBind(parts.Authority.Deaths);
        if (status != Status.Ok) throw new InvalidOperationException($"bind: {status}");
        Boot.Run(parts);
        new ServerLoop(origin.Kernel, parts.Authority.Endpoint, Handle.None)
            .Run(new SupervisorServer(parts));
    }

    /// <summary>As `crash supervisor FAULT --early N` has ordered; one less from now on.</summary>
    private static void CommitEarlyFault(Parts parts)
    {
        Injection fault = parts.Authority.State.EarlyFault;
        if (fault.Fault == ControlBits.None) return;
        parts.Authority.State.EarlyFault =
            fault.Request > 1 ? fault with { Request = fault.Request - 1 } : default;
        parts.Vault.StageState();
        parts.Vault.Commit();
        Faults.Inject(parts.Authority.Kernel, fault.Fault);
    }
}

// Finds out that the supervisor hangs, since nobody else can: it is the one who watches the others.
//
// It comes back to Receive on its endpoint at least twice a second, whatever it does. When it has
// not for longer than a limit it is killed with cause Hung, and its oldest request is blamed.
// Rules: time counts only while it is not stopped, and no look counts for more than two intervals,
// so that a machine that was halted from outside blames nobody.

using System;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes.Supervision;

public sealed class SupervisorWatch(Kernel kernel)
{
    public const ulong IntervalNs = 500_000_000;
    /// <summary>Between two receives; its own longest work is far below.</summary>
    public const ulong LimitNs = 3_000_000_000;
    /// <summary>Before the first: its runtime starts, and at boot the whole system.</summary>
    public const ulong StartLimitNs = 20_000_000_000;

    uint seenReceives;
    ulong lastLookNs, busyNs;

    public ulong NextLookNs { get; private set; }

    /// <summary>Another incarnation runs from now on.</summary>
    public void Restart()
    {
        seenReceives = 0;
        busyNs = 0;
        lastLookNs = kernel.NowNs;
        NextLookNs = kernel.NowNs + IntervalNs;
    }

    /// <summary>Kills the supervisor when it hangs.</summary>
    public void LookIfDue(Process supervisor)
    {
        if (kernel.NowNs < NextLookNs) return;
        ulong elapsedNs = Math.Min(kernel.NowNs - lastLookNs, 2 * IntervalNs);
        lastLookNs = kernel.NowNs;
        NextLookNs = kernel.NowNs + IntervalNs;
        if (supervisor.State == ProcessState.Stopped) return;
        bool isBack = supervisor.MainThread is { State: ThreadState.InReceive } thread
            && thread.ReceivingOn is not null;
        bool hasMoved = supervisor.EndpointReceives != seenReceives;
        seenReceives = supervisor.EndpointReceives;
        busyNs = isBack || hasMoved ? 0 : busyNs + elapsedNs;
        if (busyNs < (supervisor.HasServed ? LimitNs : StartLimitNs)) return;
        ProcessDeath.Kill(kernel, supervisor, DeathCause.Hung);
    }
}

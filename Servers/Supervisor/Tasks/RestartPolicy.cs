// Decides what follows a death. A pure function: nothing is started, timed or logged here.
//
// What an operator has asked for (kill, restart) is no failure and costs no budget.

using System;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

public enum DecisionKind { Restart, Delay, GiveUp, Escalate }

/// <summary>What to do, and after how long.</summary>
public readonly record struct Decision(DecisionKind Kind, ulong DelayNs);

public static class RestartPolicy
{
    private const ulong NsPerMs = 1_000_000;

    /// <summary>True when the death says something about the task itself.</summary>
    public static bool IsFailure(DeathCause cause) =>
        cause is not (DeathCause.Killed or DeathCause.Replaced or DeathCause.None);

    /// <param name="history">Times of the earlier failures, in ns of the kernel's clock.</param>
    public static Decision Decide(
        DeathCause cause, ReadOnlySpan<ulong> history, ulong nowNs, RestartBudget budget, Need need)
    {
        if (!IsFailure(cause)) return new Decision(DecisionKind.Restart, 0);

        int failures = 1 + CountSince(history, nowNs, budget.WindowMs * NsPerMs);
        ulong lastDelayNs = budget.LastDelayMs * NsPerMs;
        if (failures > budget.Failures)
        {
            return need == Need.Essential
                ? new Decision(DecisionKind.Escalate, lastDelayNs)
                : new Decision(DecisionKind.GiveUp, 0);
        }
        if (failures <= budget.FreeRestarts) return new Decision(DecisionKind.Restart, 0);

        // The delay doubles; the shift is bounded so that no budget can overflow it.
        int doublings = Math.Min(failures - budget.FreeRestarts - 1, 20);
        ulong delayNs = Math.Min(budget.FirstDelayMs * NsPerMs << doublings, lastDelayNs);
        return new Decision(DecisionKind.Delay, delayNs);
    }

    private static int CountSince(ReadOnlySpan<ulong> history, ulong nowNs, ulong windowNs)
    {
        int count = 0;
        foreach (ulong timeNs in history)
        {
            if (nowNs <= timeNs || nowNs - timeNs <= windowNs) count++;
        }
        return count;
    }
}

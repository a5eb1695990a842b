// What a case of the mount contract comes to, and how long that may take. All times begin with the
// action.

using System;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Servers.Supervisor.Mounts.Contract;

/// <summary>How the call ended that the client had made before.</summary>
public enum CallEnd
{
    /// <summary>There was none.</summary>
    None,
    Answered,
    /// <summary>It may have been executed, and will not be again.</summary>
    PeerDied,
    Revoked,
    /// <summary>By path, to a mount that is gone.</summary>
    NotFound,
    /// <summary>With the client.</summary>
    Dropped,
}

/// <summary>What the client's open file is good for in the end.</summary>
public enum HandleEnd
{
    /// <summary>The client is no more, and nothing of it holds anything.</summary>
    None,
    Works,
    Revoked,
}

public enum MountEnd { Serves, Gone }

/// <summary>What is waited for at most.</summary>
public enum Bound
{
    AtOnce,
    /// <summary>The longest delay before a restart.</summary>
    Delay,
    /// <summary>The time that a new version has to prove itself.</summary>
    Probe,
    /// <summary>A server's hang is found.</summary>
    HangFound,
    /// <summary>The supervisor's hang is found.</summary>
    SupervisorHangFound,
}

/// <param name="Answer">What whoever acts is told, and by when.</param>
/// <param name="Client">By when the client's call has ended and its file is as said.</param>
/// <param name="Mount">By path; and by when.</param>
public readonly record struct MountOutcome(
    Status Answer, Bound AnswerBound, CallEnd Call, HandleEnd Handle, Bound Client,
    MountEnd Mount, Bound MountBound);

public static class Bounds
{
    private const ulong NsPerMs = 1_000_000;

    /// <summary>
    /// What is done at once is done within this on a slow machine, starts of processes included.
    /// Comes on top of every wait.
    /// </summary>
    public const ulong AtOnceMs = 1_000;

    /// <summary>The kernel's SupervisorWatch: its limit, and a look before and after.</summary>
    public const ulong SupervisorHangMs = 3_000 + 2 * 500;

    /// <summary>What has to be waited for, whatever the machine.</summary>
    public static ulong WaitMs(Bound bound) => bound switch
    {
        Bound.AtOnce => 0,
        Bound.Delay => SystemTable.UsualBudget.LastDelayMs,
        Bound.Probe => UpgradeKeeper.DeadlineNs / NsPerMs,
        // A look to see that it stands still, and what a loop has had to share of the processor's
        // time.
        Bound.HangFound =>
            SystemTable.MemFs.RequestDeadlineMs + 2 * Watchman.IntervalNs / NsPerMs,
        Bound.SupervisorHangFound => SupervisorHangMs,
        _ => throw new ArgumentOutOfRangeException(nameof(bound)),
    };

    public static ulong Ms(Bound bound) => WaitMs(bound) + AtOnceMs;
}

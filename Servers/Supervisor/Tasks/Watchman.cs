// Looks at the kernel's lists every now and then: kills what hangs, lets go of callers that are
// gone.
//
// Rules: each supervisor looks as soon as it can, and before it kills it saves what it holds
// against whom; so supervisors that live for less than an interval find a hung server as well.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

public sealed class Watchman(Parts parts)
{
    private const ulong NsPerMs = 1_000_000;
    public const ulong IntervalNs = 500 * NsPerMs;
    /// <summary>Before the next look, for whoever has almost had its time.</summary>
    private const ulong ShortestNs = 20 * NsPerMs;
    /// <summary>For the start of a runtime and the reading of the largest vault.</summary>
    private const ulong StartDeadlineMs = 20_000;

    private readonly HangWatch _watch = new(IntervalNs, parts.Vault.LoadSuspects());
    private readonly WaitRow[] _waits = new WaitRow[Limits.Threads];
    private readonly ProcessRow[] _processes = new ProcessRow[Limits.Processes];
    private readonly List<Watched> _watched = [];

    public ulong NextLookNs { get; private set; } = parts.Authority.NowNs;

    public void LookIfDue(ulong nowNs)
    {
        if (nowNs < NextLookNs) return;
        NextLookNs = nowNs + IntervalNs;
        Look(nowNs);
        NextLookNs = nowNs + Math.Clamp(_watch.RemainingNs, ShortestNs, IntervalNs);
    }

    private void Look(ulong nowNs)
    {
        ReadOnlySpan<WaitRow> waits = parts.Lists.Waits(_waits);
        parts.Tasks.DropWaiters(waits);
        parts.Jobs.DropWaiters(waits);
        parts.Retirements.DropWaiters(waits);
        _watched.Clear();
        foreach (ServerTask task in parts.TaskTable.All)
        {
            if (!task.Spec.IsServer || !task.IsAlive || task.IsSelf) continue;
            // Before its first receive it is restarting: only a loop is held against it, and long.
            bool isStarting = task is { State: TaskState.Starting, Start: StartKind.Fresh };
            ulong deadlineMs = isStarting
                ? StartDeadlineMs : task.Spec.RequestDeadlineMs;
            // While its next version tries, it stands still and is not to blame.
            Running running = task.Upgrade is { State: not UpgradeState.Starting }
                ? Running.Stopped : task.Running;
            _watched.Add(new Watched(task.ProcessId, deadlineMs * NsPerMs, running));
        }
        ReadOnlySpan<ProcessRow> processes = parts.Lists.Processes(_processes);
        List<ProcessId> allHung = _watch.Look(_watched, waits, processes, nowNs);
        parts.Vault.SaveAccused(_watch.Suspects);
        foreach (ProcessId hung in allHung)
        {
            if (parts.TaskTable.Find(hung) is not { } task) continue;
            parts.Authority.Log($"{task.Name}[{hung}] hangs");
            parts.Tasks.Kill(task, DeathCause.Hung);
        }
    }
}

// Lets servers write to their disks what they have, after their mounts are gone.
//
// Nobody has a capability for such a server any more, so no client waits for it; only `umount`
// does, parked, for its exit or the deadline. Until then the row stays, with vault and disk: the
// disk is nobody else's, and a server that dies is started again to finish.
// Rules: what `umount` is answered is recorded in the transaction that ends the row, so that it is
// the same though this process dies in between.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Answering;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Mounts;

public sealed class RetirementKeeper(
    Authority authority, KernelLists lists, TaskTable tasks, TaskKeeper keeper,
    UpgradeKeeper upgrades, SupervisorVault vault)
{
    private const ulong NsPerMs = 1_000_000;
    /// <summary>How long a server is waited for that waits for its disk.</summary>
    private const ulong LaterNs = 500 * NsPerMs;
    private const int StatusBits = 16;

    private readonly IKernel _kernel = authority.Kernel;
    private readonly Waiters<ServerTask> _waiters = new();
    private readonly WaitRow[] _calls = new WaitRow[Limits.Threads];

    /// <summary>Everything of the mount is revoked; its root is no part of the row now.</summary>
    public void Begin(ServerTask task, RequestId waiter)
    {
        if (task.Upgrade is not null) upgrades.RollBack(task);
        ulong nowNs = authority.NowNs;
        task.Retire(
            new Retirement(nowNs + SystemTable.RetireDeadlineMs * NsPerMs, waiter)
            {
                NudgeAtNs = nowNs + task.Spec.RequestDeadlineMs * NsPerMs,
            });
        bool isHalted = task.Running == Running.Stopped;
        task.Running = Running.Yes;
        vault.Save(task);
        if (!task.IsAlive) return;
        _kernel.ProcessRename(
            task.Process, Encoding.UTF8.GetBytes(task.Name), task.Incarnation - 1);
        if (isHalted) _kernel.ProcessContinue(task.Process);
        keeper.TellRetired(task);
    }

    /// <summary>Parked until the end.</summary>
    public Status Wait(Request request, ServerTask task) => _waiters.Add(task, request);

    /// <summary>The one that the request waits for, since before an earlier death.</summary>
    public ServerTask? Find(RequestId waiter)
    {
        foreach (ServerTask task in tasks.All)
        {
            if (task.Retirement is { } retirement && retirement.Waiter == waiter) return task;
        }
        return null;
    }

    /// <summary>A row that an earlier incarnation has made.</summary>
    public void Adopt(ServerTask task)
    {
        if (task.State == TaskState.GivenUp) End(task);
        else if (task.IsAlive) keeper.TellRetired(task);
    }

    /// <summary>The server has exited, or will not any more.</summary>
    public void End(ServerTask task)
    {
        Unmounted result = new(task.UnwrittenBytes);
        RequestId waiter = task.Retirement!.Waiter;
        if (waiter != default) vault.Requests.Record(waiter, Encode(result));
        Handle disk = task.Mount!.Disk;
        keeper.Remove(task);
        if (!disk.IsNone) _kernel.Close(disk);
        authority.Log(result.UnwrittenBytes switch
        {
            0 => $"{task.Name} has written everything",
            Unmounted.Unknown => $"{task.Name} has ended without a word",
            ulong bytes => $"{task.Name} has ended: {bytes} bytes were not written",
        });
        _waiters.Complete(task, request => request.Complete(new Result<Unmounted>(
            Status.Ok, result)));
    }

    public void DropWaiters(ReadOnlySpan<WaitRow> calls) => _waiters.DropGone(calls);

    /// <summary>When DeadlineReached wants to be called; 0 never.</summary>
    public ulong NextDeadlineNs()
    {
        ulong nextNs = 0;
        foreach (ServerTask task in tasks.All)
        {
            if (task.Retirement is not { } retirement) continue;
            ulong dueNs = retirement.NudgeAtNs == 0
                ? retirement.DeadlineNs
                : Math.Min(retirement.NudgeAtNs, retirement.DeadlineNs);
            if (nextNs == 0 || dueNs < nextNs) nextNs = dueNs;
        }
        return nextNs;
    }

    public void EndOverdue(ulong nowNs)
    {
        foreach (ServerTask task in tasks.All.ToArray())
        {
            if (task.Retirement is not { } retirement) continue;
            if (nowNs >= retirement.DeadlineNs) End(task);
            else if (retirement.NudgeAtNs != 0 && nowNs >= retirement.NudgeAtNs)
                Nudge(task, retirement, nowNs);
        }
    }

    /// <summary>One number: as a status alone, with the bytes above it.</summary>
    public static ulong Encode(Unmounted result) => result.UnwrittenBytes << StatusBits;

    public static Result<Unmounted> Decode(ulong recorded)
    {
        Status status = (Status)(recorded & ((1UL << StatusBits) - 1));
        if (status != Status.Ok) return status;
        ulong bytes = recorded >> StatusBits;
        return new Unmounted(
            bytes == Unmounted.Unknown >> StatusBits ? Unmounted.Unknown : bytes);
    }

    /// <summary>
    /// It may hang. If it waits in a call, then its disk does, and that is another's to find out.
    /// </summary>
    private void Nudge(ServerTask task, Retirement retirement, ulong nowNs)
    {
        retirement.NudgeAtNs = IsCalling(task) ? nowNs + LaterNs : 0;
        if (retirement.NudgeAtNs != 0 || !task.IsAlive) return;
        vault.Save(task);
        authority.Log($"{task.Name}[{task.ProcessId}] does not retire");
        keeper.Kill(task, DeathCause.Replaced);
    }

    private bool IsCalling(ServerTask task)
    {
        foreach (ref readonly WaitRow call in lists.Waits(_calls))
        {
            if (call.CallerProcess == task.ProcessId.Value) return true;
        }
        return false;
    }
}

// Starts tasks, hears of their deaths, and starts them again as the policy says.
//
// Rules: never calls a child, only the kernel; a task's endpoint and vault stay when its process
// goes; whoever ends a process here collects it at once, so that `ps` shows no corpse of a server;
// every change of a row is saved before anybody can see it (the order is in SupervisorVault.cs).

using System;
using System.Collections.Generic;
using Servers.Supervisor.Answering;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Servers.Supervisor.Tasks;

public sealed class TaskKeeper(
    Authority authority, TaskTable tasks, Grants grants, Launcher launcher,
    CandidateKeeper candidates, SpareKeeper spares, CrashReports reports, SupervisorVault vault,
    DeathCounter deaths)
{
    private const ulong NsPerMs = 1_000_000;
    private const ulong NoteAfterNs = NsPerMs;

    private readonly IKernel _kernel = authority.Kernel;
    private readonly Waiters<ServerTask> _readyWaiters = new();
    private readonly Dictionary<Badge, ServerTask> _byBadge = [];
    /// <summary>Recovered, and not yet in the log: nobody waits for that.</summary>
    private readonly List<ServerTask> _recovered = [];

    /// <summary>Called when the next version of a task says that it is ready.</summary>
    public Action<ServerTask> Probed { get; set; } = static _ => { };

    /// <summary>Called when a task is given up, or its mount vanishes with it.</summary>
    public Action<ServerTask> Lost { get; set; } = static _ => { };

    /// <summary>Makes what outlives the task's processes: endpoint, vault, badge.</summary>
    public Status Prepare(ServerTask task)
    {
        Status status = tasks.Add(task);
        if (status != Status.Ok) return status;
        status = MakeLasting(task);
        if (status != Status.Ok) Remove(task);
        return status;
    }

    /// <summary>A row of an earlier incarnation, and what its process is doing.</summary>
    public void Adopt(ServerTask task, ProcessState state)
    {
        tasks.Add(task);
        _byBadge.Add(task.Badge, task);
        authority.NoteBadge(task.Badge);
        task.LastReport = reports.Find(task.Name);
        if (task.IsAlive && state == ProcessState.Created) EndProcess(task);
    }

    /// <summary>Ends the task for good: process, endpoint, vault. Nobody is restarted.</summary>
    public void Remove(ServerTask task)
    {
        tasks.Remove(task);
        _byBadge.Remove(task.Badge);
        vault.Forget(task);
        if (task.Upgrade is { } upgrade) Drop(upgrade);
        if (task.IsAlive) launcher.Abandon(task.Process);
        foreach (Handle handle in (Handle[])
            [task.Control, task.Endpoint, task.Vault, task.Supervisor, task.Program])
        {
            if (!handle.IsNone) _kernel.Close(handle);
        }
        if (task.Device is { } device)
        {
            foreach (Handle part in device.Parts.Values) _kernel.Close(part);
            task.Device = null;
        }
        task.Process = task.Control = task.Endpoint = task.Vault = Handle.None;
        task.Supervisor = task.Program = Handle.None;
        _readyWaiters.Complete(task, static request => request.Complete(Status.NotFound));
    }

    /// <summary>Starts the next incarnation: from a spare, if there is one.</summary>
    public Status Start(ServerTask task)
    {
        if (spares.TryTake(task.Spec, task.Image) is { } spare)
        {
            LaunchPlan role = PlanFor(task, task.Image, spare.Control);
            Begin(task, StartKind.Spare, spare.Control, spare.Process, spare.ProcessId);
            if (candidates.Give(spare, role, VaultMode.Own) == Status.Ok) return Started(task);
            EndProcess(task);
        }
        Result<Handle> control = _kernel.NotificationCreate();
        if (!control.IsOk) return control.Status;
        LaunchPlan plan = PlanFor(task, task.Image, control.Value);
        Result<CreatedProcess> created = launcher.Create(plan);
        if (!created.IsOk)
        {
            _kernel.Close(control.Value);
            return created.Status;
        }
        Begin(task, StartKind.Fresh, control.Value, created.Value.Process, created.Value.Id);
        Status status = launcher.Start(task.Process, plan);
        if (status == Status.Ok) return Started(task);
        EndProcess(task);
        return status;
    }

    /// <summary>The row names the process before it can do anything.</summary>
    private void Begin(
        ServerTask task, StartKind start, Handle control, Handle process, ProcessId id)
    {
        authority.Keep(control);
        authority.Keep(process);
        task.Control = control;
        task.Process = process;
        task.ProcessId = id;
        task.Incarnation++;
        task.Running = Running.Yes;
        task.Start = start;
        task.State = TaskState.Starting;
        vault.Save(task);
    }

    private Status Started(ServerTask task)
    {
        authority.Log($"start {task.Name}[{task.ProcessId}], incarnation {task.Incarnation - 1}");
        if (!task.Spec.IsServer) MarkReady(task, authority.NowNs);
        if (task.Retirement is not null) TellRetired(task);
        return Status.Ok;
    }

    /// <summary>
    /// The mount of a living server is gone: it is to bring to its disk what it has, and to exit.
    /// </summary>
    public void TellRetired(ServerTask task)
    {
        _kernel.NotificationSignal(task.Control, (ulong)ControlBits.Retire);
        _readyWaiters.Complete(task, static request => request.Complete(Status.NotFound));
    }

    /// <summary>A server with a disk is about to write so much.</summary>
    public Status Unwritten(Badge badge, ulong bytes)
    {
        if (!_byBadge.TryGetValue(badge, out ServerTask? task)) return Status.NoRight;
        task.UnwrittenBytes = bytes;
        if (task.Retirement is not { } retirement) return Status.Ok;
        // It has heard, and works on it.
        retirement.NudgeAtNs = 0;
        vault.Save(task);
        return Status.Ok;
    }

    /// <summary>The old version goes on after an upgrade that was taken back.</summary>
    public void GoOn(ServerTask task)
    {
        if (!task.IsAlive) StartOrRetry(task);
        // The new version may have taken its interrupts.
        else if (task.Spec.HasDevices) Kill(task, DeathCause.Replaced);
        else _kernel.ProcessContinue(task.Process);
    }

    /// <summary>Start, or a later attempt when that fails. For tasks that must be there.</summary>
    public void StartOrRetry(ServerTask task)
    {
        Status status = Start(task);
        if (status == Status.Ok) return;
        authority.Log($"cannot start {task.Name}: {status}");
        Decide(task, DeathCause.Abort, DecisionKind.Delay);
    }

    /// <summary>Collects every task that has died since the last sweep.</summary>
    public void Sweep()
    {
        // A death may remove its own row.
        foreach (ServerTask task in tasks.All.ToArray()) Sweep(task);
    }

    /// <summary>True when it has died.</summary>
    private bool Sweep(ServerTask task)
    {
        if (!task.IsAlive) return false;
        // Taken only when the report is safe: this process may die as well.
        if (!launcher.TryLook(task.Process, out DeathRecord record, out string lastWords))
            return false;
        HandleDeath(task, record, lastWords);
        return true;
    }

    /// <summary>Starts what is due.</summary>
    public void StartDue(ulong nowNs)
    {
        foreach (ServerTask task in tasks.All.ToArray())
        {
            if (task.State == TaskState.Waiting && task.RestartAtNs <= nowNs) StartOrRetry(task);
        }
    }

    /// <summary>Time of the next delayed restart, or 0.</summary>
    public ulong NextStartNs()
    {
        ulong nextNs = 0;
        foreach (ServerTask task in tasks.All)
        {
            if (task.State != TaskState.Waiting) continue;
            if (nextNs == 0 || task.RestartAtNs < nextNs) nextNs = task.RestartAtNs;
        }
        // 0 means never to who reads this; a task that waits since boot is due at once.
        return nextNs;
    }

    public Status Kill(ServerTask task, DeathCause cause)
    {
        if (!task.IsAlive) return Status.Exited;
        Status status = _kernel.ProcessKill(task.Process, cause);
        if (Sweep(task)) deaths.NoteHandled();
        return status;
    }

    /// <summary>A new incarnation at once, also of a task that was given up.</summary>
    public Status Restart(ServerTask task)
    {
        task.History.Clear();
        return task.IsAlive ? Kill(task, DeathCause.Replaced) : Start(task);
    }

    public Status Inject(ServerTask task, Injection injection)
    {
        if (!task.IsAlive) return Status.Exited;
        if (injection.Moment == FaultMoment.Early)
        {
            if (!task.IsSelf) return Status.NotSupported;
            authority.State.EarlyFault = injection;
            vault.StageState();
            injection = new Injection(injection.Fault, FaultMoment.AtOnce, 0);
        }
        bool isNow = injection.Moment == FaultMoment.AtOnce;
        if (!isNow && !task.Spec.IsServer) return Status.NotSupported;
        bool isDeath = isNow && injection.Fault != ControlBits.Hang;
        task.Fault = isDeath ? PendingFault.Yes : PendingFault.No;
        vault.Save(task);
        return _kernel.NotificationSignal(task.Control, (ulong)injection.Bits);
    }

    /// <summary>
    /// The task has started its loop: it says so itself, by the badge it was given.
    /// </summary>
    /// <param name="sinceNs">When, by its own word.</param>
    public Status Ready(Badge badge, ulong sinceNs)
    {
        if (!_byBadge.TryGetValue(badge, out ServerTask? task)) return Status.NoRight;
        if (task.Upgrade is { State: UpgradeState.Probing }) Probed(task);
        if (task.State == TaskState.Starting) MarkReady(task, sinceNs);
        return Status.Ok;
    }

    /// <summary>When NoteRecoveries wants to be called; 0 never.</summary>
    public ulong NextNoteNs { get; private set; }

    /// <summary>Writes down who has recovered, in how long.</summary>
    public void NoteRecoveries(ulong nowNs)
    {
        if (NextNoteNs == 0 || nowNs < NextNoteNs) return;
        NextNoteNs = 0;
        foreach (ServerTask task in _recovered)
        {
            if (task.RecoveryNs == 0) continue;
            if (task.LastReport is { } report) reports.Keep(report);
            authority.Log(
                $"{task.Name} is back after {CrashReports.Milliseconds(task.RecoveryNs)}");
        }
        _recovered.Clear();
    }

    public Status WaitReady(Request request, ServerTask task)
    {
        if (task.IsSelf) return Status.Ok;
        if (task.State == TaskState.GivenUp) return Status.GivenUp;
        bool isReady = task.State == TaskState.Ready && task.Fault == PendingFault.No;
        // One that retires is waited for until it is gone.
        if (isReady && task.Retirement is null) return Status.Ok;
        return _readyWaiters.Add(task, request);
    }

    public void DropWaiters(ReadOnlySpan<WaitRow> calls) => _readyWaiters.DropGone(calls);

    /// <summary>The row is saved with the first process, or when that cannot start.</summary>
    private Status MakeLasting(ServerTask task)
    {
        task.Badge = authority.NextBadge();
        _byBadge.Add(task.Badge, task);
        Result<Handle> made = _kernel.Mint(
            authority.Endpoint, Rights.Call | Rights.Pass, task.Badge);
        if (!made.IsOk) return made.Status;
        authority.Keep(task.Supervisor = made.Value);
        if (task.Spec.VaultBytes != 0)
        {
            made = _kernel.VaultCreate(task.Spec.VaultBytes);
            if (!made.IsOk) return made.Status;
            authority.Keep(task.Vault = made.Value);
        }
        return task.Spec.IsServer ? MakeEndpoint(task) : Status.Ok;
    }

    /// <summary>With the policy and the deadline that the task has now.</summary>
    public Status MakeEndpoint(ServerTask task)
    {
        Result<Handle> made = _kernel.EndpointCreate(
            task.OnDeath, task.Spec.Layer, task.CallDeadlineMs * NsPerMs);
        if (!made.IsOk) return made.Status;
        authority.Keep(task.Endpoint = made.Value);
        return Status.Ok;
    }

    public LaunchPlan PlanFor(ServerTask task, string image, Handle control)
    {
        // Nobody serves who has no plan: what programs keep of the last one's files goes before.
        authority.MountWords?.NoteServer();
        Mount? mount = task.Mount;
        return new LaunchPlan
        {
            Name = task.Name,
            Image = image,
            Spec = task.Spec,
            Grants = grants.For(
                task.Spec.Capabilities, new OwnHandles(task.Endpoint, control, task.Supervisor)
                {
                    Device = task.Device, Disk = mount?.Disk ?? Handle.None,
                }),
            Arguments = mount is null
                ? []
                : [mount.Type, mount.Source, mount.Target, mount.ServerOptions],
            Program = image == task.Image ? task.Program : Handle.None,
            Vault = task.Vault,
            Incarnation = task.Incarnation,
        };
    }

    private void HandleDeath(ServerTask task, in DeathRecord record, string lastWords)
    {
        task.LastReport = reports.Add(task.Name, task.Image, record, lastWords);
        authority.Log($"death of {task.Name}[{record.Process}]: {CrashReports.Cause(record)}");
        task.LastCause = record.Cause;
        task.LastDeathNs = record.TimeNs;
        task.RecoveryNs = 0;
        task.Fault = PendingFault.No;
        Handle process = task.Process, control = task.Control;
        LeaveProcess(task);
        if (IsRefusal(task, record)) Refused(task);
        else if (IsRetired(task, record)) Lost(task);
        else React(task, record.Cause);
        // The report and the row are safe with what was decided: the record may go.
        vault.Commit();
        launcher.Collect(process, control);
    }

    /// <summary>A mount or device that its server has never served, because it cannot.</summary>
    private static bool IsRefusal(ServerTask task, in DeathRecord record) =>
        (task.Mount is not null || task.Device is not null) && task.Incarnation == 1
        && record.Cause == DeathCause.Exit && record.ExitCode == RefusedException.ExitCode;

    private void Refused(ServerTask task)
    {
        authority.Log($"{task.Name} has nothing to do: {task.LastReport?.LastWords}");
        task.UnwrittenBytes = 0;
        if (task.Mount is not null)
        {
            Lost(task);
            return;
        }
        // Who has mounted one of its disks meanwhile hears that there is none.
        _kernel.Revoke(task.Endpoint);
        Remove(task);
    }

    /// <summary>A mount that is gone, and everything of it is on the disk.</summary>
    private static bool IsRetired(ServerTask task, in DeathRecord record)
    {
        bool isRetired = task.Retirement is not null && record.Cause == DeathCause.Exit
            && record.ExitCode == RetiredException.ExitCode;
        if (isRetired) task.UnwrittenBytes = 0;
        return isRetired;
    }

    /// <summary>Saves the row, with whatever it says of the task's future.</summary>
    private void React(ServerTask task, DeathCause cause)
    {
        // Who is replaced has not died, for those who call it.
        if (task.OnDeath == OnDeath.Vanish && cause != DeathCause.Replaced)
        {
            Lost(task);
        }
        else if (task.Upgrade is { State: not UpgradeState.Starting })
        {
            // The probe decides what comes next.
            task.RestartAtNs = ulong.MaxValue;
            vault.Save(task);
        }
        else
        {
            Decide(task, cause, DecisionKind.Restart);
        }
    }

    /// <summary>
    /// Asks the policy, and does what it says; a failed start is never repeated at once.
    /// </summary>
    private void Decide(ServerTask task, DeathCause cause, DecisionKind earliest)
    {
        ulong nowNs = authority.NowNs;
        Decision decision = RestartPolicy.Decide(
            cause, task.History.TimesNs, nowNs, task.Spec.Budget, task.Spec.Need);
        if (RestartPolicy.IsFailure(cause)) task.History.Add(nowNs);
        task.Restarts++;
        if (decision.Kind == DecisionKind.Restart && earliest == DecisionKind.Delay)
        {
            decision = new Decision(
                DecisionKind.Delay, task.Spec.Budget.FirstDelayMs * NsPerMs);
        }
        switch (decision.Kind)
        {
            case DecisionKind.Restart:
                StartOrRetry(task);
                break;
            case DecisionKind.GiveUp:
                authority.Log($"give up {task.Name}: {task.History.TimesNs.Length} failures");
                task.State = TaskState.GivenUp;
                vault.Save(task);
                _readyWaiters.Complete(task, static request => request.Complete(Status.GivenUp));
                Lost(task);
                break;
            default:
                string what = decision.Kind == DecisionKind.Escalate ? "keeps failing" : "waits";
                authority.Log($"{task.Name} {what}: restart in {decision.DelayNs / NsPerMs} ms");
                task.State = TaskState.Waiting;
                task.RestartAtNs = nowNs + decision.DelayNs;
                vault.Save(task);
                break;
        }
    }

    private void MarkReady(ServerTask task, ulong sinceNs)
    {
        task.State = TaskState.Ready;
        if (task.LastDeathNs != 0 && task.RecoveryNs == 0)
        {
            ulong nowNs = authority.NowNs;
            bool isSense = sinceNs > task.LastDeathNs && sinceNs <= nowNs;
            task.RecoveryNs = (isSense ? sinceNs : nowNs) - task.LastDeathNs;
            if (task.LastReport is { } report) report.RecoveryNs = task.RecoveryNs;
            _recovered.Add(task);
            NextNoteNs = authority.NowNs + NoteAfterNs;
        }
        vault.Save(task);
        if (task.Retirement is not null) return;
        _readyWaiters.Complete(task, static request => request.Complete(Status.Ok));
    }

    private void Drop(Upgrade upgrade)
    {
        if (upgrade.Candidate is { } candidate) candidates.End(candidate);
        else launcher.Abandon(upgrade.Process, upgrade.Control);
        upgrade.Request?.Complete(Status.NotFound);
    }

    /// <summary>One that has never run.</summary>
    private void EndProcess(ServerTask task)
    {
        _kernel.ProcessKill(task.Process);
        ForgetProcess(task);
    }

    /// <summary>
    /// Of a process that is dead: the row names it no more and is due, then it is collected.
    /// </summary>
    private void ForgetProcess(ServerTask task)
    {
        Handle process = task.Process, control = task.Control;
        LeaveProcess(task);
        vault.Save(task);
        launcher.Collect(process, control);
    }

    private static void LeaveProcess(ServerTask task)
    {
        task.Process = task.Control = Handle.None;
        task.State = TaskState.Waiting;
        task.RestartAtNs = 0;
    }
}

// Replaces a server by another image while its clients wait for milliseconds, or not at all.
//
// The new version starts as a candidate beside the old one. Then the old one is stopped, and the
// new one opens the old one's vault, every page of which the kernel puts aside before its first
// change. Ready is the proof, and the commit point is the row that says so. Before it everything
// is taken back, whoever dies; after it everything is carried on.

using System.Collections.Generic;
using System;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public sealed class UpgradeKeeper(
    Authority authority, TaskTable tasks, TaskKeeper keeper, Launcher launcher,
    CandidateKeeper candidates, CrashReports reports, SupervisorVault vault)
{
    /// <summary>From the start of its process to Ready; the runtime comes up first.</summary>
    public const ulong DeadlineNs = 10_000_000_000;

    private readonly IKernel _kernel = authority.Kernel;

    public Status Begin(Request request, ServerTask task, string image)
    {
        if (vault.Requests.TryFind(request, out ulong before)) return (Status)before;
        if (!IsVersionOf(task.Spec.Image, image)) return Status.WrongType;
        if (task.Upgrade is not null) return Status.AlreadyExists;
        if (!task.IsAlive || task.Running == Running.Stopped) return Status.WouldBlock;
        if (task.Retirement is not null) return Status.WouldBlock;
        Result<Candidate> made = candidates.Launch(task.Spec, image, $"{task.Name}+next");
        if (!made.IsOk) return made.Status == Status.NotFound ? Status.BadImage : made.Status;
        if (request.Park() != Status.Ok)
        {
            candidates.End(made.Value);
            return Status.Parked;
        }
        task.Upgrade = new Upgrade(image)
        {
            Candidate = made.Value, Request = request, ProcessId = made.Value.ProcessId,
            DeadlineNs = authority.NowNs + DeadlineNs,
        };
        authority.Log($"upgrade of {task.Name} to {image}[{made.Value.ProcessId}] begins");
        return Status.Parked;
    }

    /// <summary>The candidate is up; if it is for an upgrade, the probe begins.</summary>
    public void Awaited(Candidate candidate)
    {
        foreach (ServerTask task in tasks.All)
        {
            if (task.Upgrade is not { } upgrade || upgrade.Candidate != candidate) continue;
            Probe(task, upgrade, candidate);
            return;
        }
    }

    /// <summary>The new version has opened everything and is about to receive.</summary>
    public void Commit(ServerTask task)
    {
        Upgrade upgrade = task.Upgrade!;
        upgrade.State = UpgradeState.Committing;
        if (upgrade.Request is { } request) vault.Requests.Record(request, (ulong)Status.Ok);
        vault.Save(task);
        Finish(task);
    }

    /// <summary>After the commit point, also in another incarnation.</summary>
    public void Finish(ServerTask task)
    {
        Upgrade upgrade = task.Upgrade!;
        Handle oldProcess = task.Process, oldControl = task.Control;
        // Its requests go back to their queues inside of this.
        if (!oldProcess.IsNone) _kernel.ProcessKill(oldProcess, DeathCause.Replaced);
        if (!task.Vault.IsNone) _kernel.VaultEndProbe(task.Vault, ProbeEnd.Commit);
        task.Image = upgrade.Image;
        task.Process = upgrade.Process;
        task.Control = upgrade.Control;
        task.ProcessId = upgrade.ProcessId;
        task.Incarnation++;
        task.Running = Running.Yes;
        task.Start = StartKind.Fresh;
        task.State = TaskState.Starting;
        task.History.Clear();
        task.Upgrade = null;
        vault.Save(task);
        launcher.Collect(oldProcess, oldControl);
        authority.Log($"{task.Name}[{task.ProcessId}] is {upgrade.Image} now");
        upgrade.Request?.Complete(Status.Ok);
    }

    /// <summary>Takes everything back; the old version goes on where it was.</summary>
    public void RollBack(ServerTask task)
    {
        Upgrade upgrade = task.Upgrade!;
        bool wasProbing = upgrade.State == UpgradeState.Probing;
        if (upgrade.Candidate is { } candidate && !wasProbing) candidates.End(candidate);
        else _kernel.ProcessKill(upgrade.Process);
        if (wasProbing && !task.Vault.IsNone)
        {
            _kernel.VaultEndProbe(task.Vault, ProbeEnd.RollBack);
        }
        task.Upgrade = null;
        vault.Save(task);
        if (wasProbing) launcher.Collect(upgrade.Process, upgrade.Control);
        authority.Log($"{task.Name} stays {task.Image}: {upgrade.Image} did not pass");
        upgrade.Request?.Complete(Status.Refused);
        if (wasProbing) keeper.GoOn(task);
    }

    /// <summary>Takes back what has died or takes too long.</summary>
    public void Sweep()
    {
        foreach (ServerTask task in tasks.All.ToArray())
        {
            if (task.Upgrade is not { } upgrade) continue;
            Handle process = upgrade.Candidate?.Process ?? upgrade.Process;
            if (!launcher.TryLook(process, out DeathRecord record, out string words)) continue;
            reports.Add($"{task.Name}+next", upgrade.Image, record, words);
            if (upgrade.State == UpgradeState.Committing) Finish(task);
            else RollBack(task);
        }
    }

    /// <summary>When DeadlineReached wants to be called; 0 never.</summary>
    public ulong NextDeadlineNs()
    {
        ulong nextNs = 0;
        foreach (ServerTask task in tasks.All)
        {
            if (task.Upgrade is not { } upgrade) continue;
            if (nextNs == 0 || upgrade.DeadlineNs < nextNs) nextNs = upgrade.DeadlineNs;
        }
        return nextNs;
    }

    public void EndOverdue(ulong nowNs)
    {
        foreach (ServerTask task in tasks.All)
        {
            if (task.Upgrade is not { } upgrade || nowNs < upgrade.DeadlineNs) continue;
            _kernel.ProcessKill(
                upgrade.Candidate?.Process ?? upgrade.Process, DeathCause.Hung);
        }
        Sweep();
    }

    /// <summary>
    /// The same name, or with a number behind it. A vault cannot tell: some servers would rather
    /// serve without one that they do not know.
    /// </summary>
    public static bool IsVersionOf(string image, string candidate)
    {
        if (!candidate.StartsWith(image, StringComparison.Ordinal)) return false;
        foreach (char character in candidate[image.Length..])
        {
            if (!char.IsAsciiDigit(character)) return false;
        }
        return true;
    }

    private void Probe(ServerTask task, Upgrade upgrade, Candidate candidate)
    {
        authority.Keep(candidate.Process);
        authority.Keep(candidate.Control);
        upgrade.Process = candidate.Process;
        upgrade.Control = candidate.Control;
        upgrade.Candidate = null;
        upgrade.State = UpgradeState.Probing;
        vault.Save(task);
        if (task.IsAlive) _kernel.ProcessStop(task.Process);
        LaunchPlan plan = keeper.PlanFor(task, upgrade.Image, upgrade.Control);
        Status status = candidates.Give(candidate, plan, VaultMode.Probe);
        if (status != Status.Ok) RollBack(task);
    }
}

// The supervisor's own row: what each incarnation finds out about the ones before it; and its
// upgrade, which is the kernel's to do.
//
// The kernel starts the supervisor and keeps the exit records of those that died. Rules: a record
// is taken when its report is safe; the row's process and control are this incarnation's own, and
// not the vault's; a new version is on trial until it has read all rows, and until then touches
// nothing but them.

using System;
using System.Collections.Generic;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public sealed class SelfKeeper(
    Authority authority, TaskTable tasks, KernelLists lists, Launcher launcher,
    CrashReports reports, SupervisorVault vault, Handle ownVault)
{
    /// <summary>The answer of an upgrade that is not known yet.</summary>
    private const ulong Replacing = ulong.MaxValue;

    private readonly IKernel _kernel = authority.Kernel;

    /// <summary>
    /// Answered by the next incarnation: Ok by one of the image, Refused by another.
    /// </summary>
    public Status Upgrade(Request request, string image)
    {
        Status status;
        if (vault.Requests.TryFind(request, out ulong before))
        {
            if (before != Replacing) return (Status)before;
            status = authority.Image == image ? Status.Ok : Status.Refused;
        }
        else
        {
            if (!UpgradeKeeper.IsVersionOf(SystemTable.Supervisor.Image, image))
                return Status.WrongType;
            Result<Handle> opened = _kernel.ImageOpen(authority.Machine, image);
            if (!opened.IsOk) return Status.BadImage;
            vault.Requests.Record(request, Replacing);
            vault.Commit();
            authority.Log($"the supervisor is to be {image}");
            status = _kernel.SupervisorReplace(opened.Value);
            _kernel.Close(opened.Value);
        }
        vault.Requests.Record(request, (ulong)status);
        return status;
    }

    /// <summary>All rows have been read: from here on there is no way back to them.</summary>
    public void EndTrial() => _kernel.VaultEndProbe(ownVault, ProbeEnd.Commit);

    /// <summary>The row, made or taken over, and the dead supervisors of the list.</summary>
    public void Adopt(ServerTask? row, ReadOnlySpan<ProcessRow> processes)
    {
        TaskSpec spec = SystemTable.Supervisor;
        ServerTask task = row ?? new ServerTask(spec, spec.Name) { Badge = Badges.Self };
        tasks.Add(task);
        List<Handle> dead = [];
        foreach (ref readonly ProcessRow process in processes)
        {
            ProcessId id = new(process.Id);
            if (id == authority.SelfId) task.Incarnation = process.Incarnation + 1;
            else if (process.LayerValue == Layer.Supervisor.Value) Report(task, process, dead);
        }
        task.Process = authority.Self;
        task.Control = authority.Deaths;
        task.Image = authority.Image;
        task.ProcessId = authority.SelfId;
        task.State = TaskState.Ready;
        task.Fault = PendingFault.No;
        vault.Save(task);
        foreach (Handle process in dead)
        {
            _kernel.ProcessCollect(process, out _, []);
            _kernel.Close(process);
        }
    }

    /// <summary>All that earlier incarnations have left is taken over.</summary>
    public void FinishRecovery()
    {
        if (tasks.Find(SystemTable.Supervisor.Name) is not { } task) return;
        if (task.LastDeathNs == 0 || task.RecoveryNs != 0) return;
        task.RecoveryNs = authority.NowNs - task.LastDeathNs;
        if (task.LastReport is { } report)
        {
            report.RecoveryNs = task.RecoveryNs;
            reports.Keep(report);
        }
        vault.Save(task);
        authority.Log($"supervisor is back after {CrashReports.Milliseconds(task.RecoveryNs)}");
    }

    private void Report(ServerTask task, in ProcessRow row, List<Handle> dead)
    {
        Result<Handle> process = _kernel.ProcessOpen(authority.Machine, new ProcessId(row.Id));
        if (!process.IsOk) return;
        dead.Add(process.Value);
        if (!launcher.TryLook(process.Value, out DeathRecord record, out string words)) return;
        string image = lists.ImageName(row.ImageNumber) ?? task.Spec.Image;
        task.LastReport = reports.Add(task.Name, image, record, words);
        task.LastCause = record.Cause;
        task.LastDeathNs = record.TimeNs;
        task.RecoveryNs = 0;
        task.Restarts++;
    }
}

// The supervisor's own row: what each incarnation finds out about the ones before it.
//
// The kernel starts the supervisor and keeps the exit records of those that died. Rules: a record
// is taken when its report is safe; the row's process and control are this incarnation's own, and
// not the vault's.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public sealed class SelfKeeper(
    Authority authority, TaskTable tasks, CrashReports reports, SupervisorVault vault)
{
    private readonly IKernel _kernel = authority.Kernel;

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
            else if (process.LayerValue == Layer.Supervisor.Value) Report(task, id, dead);
        }
        task.Process = authority.Self;
        task.Control = authority.Deaths;
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

    private void Report(ServerTask task, ProcessId id, List<Handle> dead)
    {
        Result<Handle> process = _kernel.ProcessOpen(authority.Machine, id);
        if (!process.IsOk) return;
        dead.Add(process.Value);
        Span<byte> lastWords = stackalloc byte[Limits.LastWordsBytes];
        Result<uint> length = _kernel.ProcessCollect(
            process.Value, out DeathRecord record, lastWords, CollectMode.Look);
        if (!length.IsOk) return;
        string words = Encoding.UTF8.GetString(lastWords[..(int)length.Value]);
        task.LastReport = reports.Add(task.Name, task.Spec.Image, record, words);
        task.LastCause = record.Cause;
        task.LastDeathNs = record.TimeNs;
        task.RecoveryNs = 0;
        task.Restarts++;
    }
}

// What every supervisor but the first does first: it takes over what the earlier ones have left.
//
// The rows of the vault say what there should be, the kernel's lists what there is. Rules: nobody
// who lives notices; what died meanwhile is handled as any death; what no row names (the steps of
// SupervisorVault.cs say how that comes) is closed or ended: it has never run. When the kernel has
// emptied the vault, Rebuilding makes the rows first.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Launching;

internal sealed class Adoption(Parts parts)
{
    private readonly Authority _authority = parts.Authority;
    private readonly IKernel _kernel = parts.Authority.Kernel;
    private readonly Dictionary<uint, ProcessState> _states = [];

    public void Run()
    {
        if (_authority.Remains is { } remains) new Rebuilding(parts, remains).Run();
        List<ServerTask> tasks = parts.Vault.LoadTasks();
        List<Job> jobs = parts.Vault.LoadJobs();
        parts.Self.EndTrial();
        ReadOnlySpan<ProcessRow> processes =
            parts.Lists.Processes(new ProcessRow[Limits.Processes]);
        foreach (ref readonly ProcessRow row in processes) _states[row.Id] = row.State;
        CloseUnnamed(tasks, jobs);
        parts.Self.Adopt(tasks.Find(static task => task.IsSelf), processes);
        foreach (ServerTask task in tasks)
        {
            if (task.IsSelf) continue;
            parts.Tasks.Adopt(task, StateOf(task.ProcessId));
            if (task.Mount is not null) parts.Mounts.Adopt(task);
        }
        foreach (Job job in jobs) parts.Jobs.Adopt(job, StateOf(job.ProcessId));
        EndUnnamed(tasks, jobs);
        foreach (ServerTask task in tasks)
        {
            if (task.Upgrade is { } upgrade)
            {
                if (upgrade.State == UpgradeState.Committing) parts.Upgrades.Finish(task);
                else parts.Upgrades.RollBack(task);
            }
            else if (IsHalted(task))
            {
                // The row of an upgrade that was taken back is saved before this is done.
                parts.Tasks.GoOn(task);
            }
        }
        parts.Sweep();
        parts.Tasks.StartDue(_authority.NowNs);
        if (_authority.Remains is not null) parts.Devices.AskAgain();
        // A change may have been made and not been told.
        parts.Mounts.SignalVfs();
    }

    /// <summary>One that is not in the kernel's list has been collected: a zombie for us.</summary>
    private ProcessState StateOf(ProcessId process) =>
        _states.GetValueOrDefault(process.Value, ProcessState.Zombie);

    /// <summary>Stopped, and nobody has asked for it.</summary>
    private bool IsHalted(ServerTask task) =>
        task.IsAlive && task.Running == Running.Yes
        && StateOf(task.ProcessId) == ProcessState.Stopped;

    private void CloseUnnamed(List<ServerTask> tasks, List<Job> jobs)
    {
        HashSet<Handle> named = [.. _authority.State.Handles];
        foreach (ServerTask task in tasks) named.UnionWith(TaskRecord.HandlesOf(task));
        foreach (Job job in jobs) named.UnionWith(JobRecord.HandlesOf(job));
        CapabilityRow[] rows = new CapabilityRow[1024];
        List<Handle> unnamed = [];
        foreach (ref readonly CapabilityRow row in
            parts.Lists.Capabilities(_authority.SelfId, rows))
        {
            Handle handle = new(row.HandleValue);
            if (row.InVault != 0 && !named.Contains(handle)) unnamed.Add(handle);
        }
        foreach (Handle handle in unnamed) _kernel.Close(handle);
    }

    private void EndUnnamed(List<ServerTask> tasks, List<Job> jobs)
    {
        HashSet<uint> named = [_authority.SelfId.Value];
        foreach (ServerTask task in tasks) named.Add(task.IsAlive ? task.ProcessId.Value : 0);
        foreach (ServerTask task in tasks) named.Add(task.Upgrade?.ProcessId.Value ?? 0);
        foreach (Job job in jobs) named.Add(job.IsHeld ? job.ProcessId.Value : 0);
        foreach (uint id in _states.Keys)
        {
            if (named.Contains(id)) continue;
            Result<Handle> process = _kernel.ProcessOpen(_authority.Machine, new ProcessId(id));
            if (process.IsOk) parts.Launcher.Abandon(process.Value);
        }
    }
}

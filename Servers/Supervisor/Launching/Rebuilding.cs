// Makes the rows of the vault from what the kernel shows (Remains): tasks, mounts, jobs.
//
// Names say what a process is: as in the table, TYPE@TARGET, PROGRAM.JOB. Rules: everything is made
// anew until the state is saved, which is last: who dies before that leaves it to the next. What
// nobody can know is set to what is usual, and logged: a mount's source and whether it is
// read-only, what a job's line was, histories, reports.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Supervisor.Devices;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Supervisor.Launching;

internal sealed class Rebuilding(Parts parts, Remains remains)
{
    private const ulong NsPerMs = 1_000_000;
    private const string UnknownSource = "none";

    private readonly Authority _authority = parts.Authority;
    private readonly IKernel _kernel = parts.Authority.Kernel;
    private readonly SupervisorVault _vault = parts.Vault;
    private readonly HashSet<string> _made = [];

    public void Run()
    {
        _authority.Log("the vault was emptied: tasks are found again by what the kernel shows");
        foreach (ServerTask task in _vault.LoadTasks()) _vault.Forget(task);
        foreach (Job job in _vault.LoadJobs()) _vault.Forget(job);
        _authority.NoteBadge(remains.LastBadge);
        // No earlier mount has such a number: each has taken longer than a millisecond.
        _authority.State.LastMountId = (uint)(_authority.NowNs / NsPerMs);
        foreach (VaultRow vault in remains.Vaults)
        {
            if (vault.IsProbed != 0) TakeBack(vault);
        }
        foreach (TaskSpec spec in SystemTable.Servers) MakeTask(spec, spec.Name);
        foreach (string name in Names()) MakeDriver(name);
        foreach (string name in Names()) MakeMount(name);
        foreach (ProcessRow process in remains.Processes) MakeJob(process);
        bool isStarted = _made.Any(static name => name.Contains('@'));
        _authority.State.Boot = isStarted ? BootProgress.Done : BootProgress.Underway;
        _vault.StageState();
        _vault.Commit();
    }

    /// <summary>Of all that the vault has an endpoint or a vault for, the oldest first.</summary>
    private IEnumerable<string> Names()
    {
        foreach (EndpointRow endpoint in remains.Endpoints) yield return NameOf(endpoint);
        foreach (VaultRow vault in remains.Vaults) yield return FixedFields.Name(vault);
    }

    /// <summary>Who received last; before the first receive, who may.</summary>
    private string NameOf(in EndpointRow endpoint)
    {
        if (endpoint.LastServer != 0) return FixedFields.Name(endpoint);
        foreach (ProcessRow process in remains.Processes)
        {
            if (remains.Receives(process, endpoint.Index)) return FixedFields.Name(process);
        }
        return "";
    }

    /// <summary>An upgrade is not decided: the new version goes.</summary>
    private void TakeBack(in VaultRow vault)
    {
        Result<Handle> prober = _kernel.ProcessOpen(
            _authority.Machine, new ProcessId(vault.LastOwner));
        if (prober.IsOk) parts.Launcher.Abandon(prober.Value);
        _kernel.VaultEndProbe(remains.Of(ObjectType.Vault, vault.Index), ProbeEnd.RollBack);
    }

    /// <summary>Its device is not known before the PCI task has told of it again.</summary>
    private void MakeDriver(string name)
    {
        if (_made.Contains(name)) return;
        foreach (DriverSpec spec in DriverTable.All)
        {
            bool isOne = name == spec.Task.Name
                || name.StartsWith(spec.Task.Name + "-", StringComparison.Ordinal);
            if (isOne) MakeTask(spec.Task, name);
        }
    }

    private void MakeMount(string name)
    {
        int at = name.IndexOf('@');
        if (at < 0 || _made.Contains(name)) return;
        string type = name[..at], target = name[(at + 1)..];
        TaskSpec? spec = SystemTable.MountTypes.FirstOrDefault(one => one.Name == type);
        if (spec is not null && MountOptions.CheckTarget(target) == Status.Ok)
            MakeTask(spec, name);
    }

    private void MakeTask(TaskSpec spec, string name)
    {
        EndpointRow? endpoint = EndpointOf(name);
        ProcessRow? process = ProcessOf(name, endpoint?.LastServer ?? 0);
        VaultRow? vault = VaultOf(name);
        bool isMount = name.Contains('@');
        // Servers that have nothing are made as at boot.
        if (endpoint is null && process is null && (vault is null || !isMount)) return;
        _made.Add(name);
        ServerTask task = new(spec, name)
        {
            Endpoint = endpoint is { } e ? remains.Endpoint(e.Index) : Handle.None,
            Vault = vault is { } v ? remains.Of(ObjectType.Vault, v.Index) : Handle.None,
        };
        if (isMount) task.Mount = MountOf(name, spec, endpoint);
        if (isMount && process is { } server) TakeDisk(task.Mount!, server);
        if (process is { } running) TakeProcess(task, running, endpoint);
        if (endpoint is null && isMount) task.State = TaskState.GivenUp;
        TakeBadge(task, process);
        if (spec.VaultBytes != 0 && task.Vault.IsNone) task.Vault = Made(
            _kernel.VaultCreate(spec.VaultBytes));
        _vault.Save(task);
        _authority.Log($"{name}[{task.ProcessId}] is adopted");
    }

    private void TakeProcess(ServerTask task, in ProcessRow process, EndpointRow? endpoint)
    {
        task.Process = ProcessHandle(process);
        task.ProcessId = new ProcessId(process.Id);
        task.Control = remains.ControlOf(process);
        if (task.Control.IsNone) task.Control = Made(_kernel.NotificationCreate());
        task.Image = remains.ImageOf(process) ?? task.Spec.Image;
        task.Incarnation = process.Incarnation + 1;
        task.Restarts = process.Incarnation;
        bool hasReceived = !task.Spec.IsServer || endpoint?.LastServer == process.Id;
        task.State = hasReceived ? TaskState.Ready : TaskState.Starting;
        if (process.State != ProcessState.Stopped) return;
        if (!HasRival(process)) task.Running = Running.Stopped;
        // Stopped by an upgrade: it goes on, but for a driver, whose interrupts were taken.
        else if (task.Spec.HasDevices) _kernel.ProcessKill(task.Process, DeathCause.Replaced);
        else _kernel.ProcessContinue(task.Process);
    }

    /// <summary>Another one of its name lives: the next version, which is not adopted.</summary>
    private bool HasRival(ProcessRow process) => remains.Processes.Any(
        other => other.Id != process.Id && other.State != ProcessState.Zombie
            && FixedFields.Name(other) == FixedFields.Name(process));

    private void TakeBadge(ServerTask task, ProcessRow? process)
    {
        task.Badge = process is { } running ? remains.BadgeOf(running) : default;
        if (task.Badge == default) task.Badge = _authority.NextBadge();
        task.Supervisor = remains.Badged(remains.SupervisorIndex, task.Badge);
        if (task.Supervisor.IsNone) task.Supervisor = Made(_kernel.Mint(
            _authority.Endpoint, Rights.Call | Rights.Pass, task.Badge));
    }

    /// <summary>Policy and deadline are the endpoint's; the rest is as at boot, or usual.</summary>
    private Mount MountOf(string name, TaskSpec spec, EndpointRow? endpoint)
    {
        string target = name[(name.IndexOf('@') + 1)..];
        BootMount? boot = SystemTable.BootMounts.FirstOrDefault(
            one => one.Target == target && one.Type == spec.Name);
        ulong deadlineMs = (endpoint?.DefaultDeadlineNs ?? 0) / NsPerMs;
        MountOptions options = new(
            Access.ReadWrite, endpoint?.OnDeath ?? OnDeath.Hold,
            deadlineMs == spec.CallDeadlineMs ? 0 : deadlineMs);
        Mount mount = new(
            ++_authority.State.LastMountId, boot?.Source ?? UnknownSource, target, spec.Name,
            options, boot?.ServerOptions ?? "");
        if (endpoint is not { } known) return mount;
        mount.Root = remains.Badged(known.Index, MountKeeper.Root);
        if (mount.Root.IsNone) mount.Root = Made(_kernel.Mint(
            remains.Endpoint(known.Index), Rights.Use, MountKeeper.Root));
        if (boot is null) _authority.Log($"source and `ro` of {name} are forgotten");
        return mount;
    }

    /// <summary>The disk is what its server was given: the source is known by that.</summary>
    private void TakeDisk(Mount mount, in ProcessRow server)
    {
        if (remains.DiskOf(server) is not { } disk) return;
        mount.Disk = remains.Badged(disk.ObjectIndex, new Badge(disk.Badge));
        mount.Source = DiskOf(server) ?? mount.Source;
    }

    private string? DiskOf(in ProcessRow process)
    {
        if (remains.DiskOf(process) is not { } disk) return null;
        EndpointRow endpoint = remains.Endpoints.FirstOrDefault(
            row => row.Index == disk.ObjectIndex);
        return DiskName.Of(NameOf(endpoint), DiskBadge.Of(new Badge(disk.Badge)));
    }

    /// <summary>PROGRAM.JOB; one that has ended is collected as any.</summary>
    private void MakeJob(in ProcessRow process)
    {
        string name = FixedFields.Name(process);
        int dot = name.LastIndexOf('.');
        bool isJob = process.LayerValue == Layer.Program.Value && dot > 0;
        if (!isJob || !uint.TryParse(name[(dot + 1)..], out uint number)) return;
        Job job = new(number, new JobTitle(name[..dot], name[..dot]), Reaping.AtOnce)
        {
            Image = remains.ImageOf(process) ?? "",
            Disk = DiskOf(process) ?? "",
            Process = ProcessHandle(process),
            ProcessId = new ProcessId(process.Id),
            Control = remains.ControlOf(process),
            Running = process.State == ProcessState.Stopped ? Running.Stopped : Running.Yes,
        };
        SystemRecord state = _authority.State;
        state.LastJobNumber = Math.Max(state.LastJobNumber, number);
        _vault.Save(job);
    }

    private EndpointRow? EndpointOf(string name)
    {
        foreach (EndpointRow endpoint in remains.Endpoints)
        {
            bool isOurs = endpoint.Index == remains.SupervisorIndex;
            if (!isOurs && NameOf(endpoint) == name) return endpoint;
        }
        return null;
    }

    private VaultRow? VaultOf(string name)
    {
        foreach (VaultRow vault in remains.Vaults)
        {
            if (FixedFields.Name(vault) == name) return vault;
        }
        return null;
    }

    /// <summary>Who has received; then any that lives; then one of the dead.</summary>
    private ProcessRow? ProcessOf(string name, uint lastServer)
    {
        ProcessRow? best = null;
        int bestRank = 0;
        foreach (ProcessRow process in remains.Processes)
        {
            if (FixedFields.Name(process) != name || IsTakenBack(process)) continue;
            int rank = process.State == ProcessState.Zombie ? 1
                : process.Id == lastServer ? 3 : 2;
            if (rank <= bestRank) continue;
            best = process;
            bestRank = rank;
        }
        return best;
    }

    private bool IsTakenBack(ProcessRow process) => remains.Vaults.Any(
        vault => vault.IsProbed != 0 && vault.LastOwner == process.Id);

    private Handle ProcessHandle(in ProcessRow process)
    {
        Handle kept = remains.Of(ObjectType.Process, process.Id);
        return kept.IsNone
            ? Made(_kernel.ProcessOpen(_authority.Machine, new ProcessId(process.Id)))
            : kept;
    }

    /// <summary>Moved to the vault; None where it could not be made.</summary>
    private Handle Made(Result<Handle> made)
    {
        if (!made.IsOk) return Handle.None;
        _authority.Keep(made.Value);
        return made.Value;
    }
}

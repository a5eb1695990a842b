// One task from the table: what it is, which incarnation runs, and what it has been through.
//
// Owned by TaskTable. Endpoint and vault belong to the task, not to the incarnation: they outlive
// every process that serves them. Process and control notification are the incarnation's own.

using Servers.Supervisor.Devices;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Supervisor.Tasks;

public enum TaskState
{
    /// <summary>No process; the policy has set a time for the next.</summary>
    Waiting,
    /// <summary>Started, and has not received yet.</summary>
    Starting,
    Ready,
    /// <summary>
    /// No process, and there will be none unless somebody says `restart`; a mount has no endpoint
    /// either, but its vault.
    /// </summary>
    GivenUp,
}

/// <summary>How the present process came to be.</summary>
public enum StartKind
{
    /// <summary>Its runtime comes up before it receives.</summary>
    Fresh,
    /// <summary>It was up, and serves before it says that it is ready.</summary>
    Spare,
}

public sealed class ServerTask(TaskSpec spec, string name)
{
    public TaskSpec Spec { get; } = spec;
    /// <summary>Another one when the mount is gone and its server is not.</summary>
    public string Name { get; private set; } = name;
    /// <summary>Another one when a mount that was given up is made again.</summary>
    public Mount? Mount { get; set; }
    /// <summary>Null while the mount is there.</summary>
    public Retirement? Retirement { get; set; }
    /// <summary>Of a server with a disk: what it has said last.</summary>
    public ulong UnwrittenBytes { get; set; } = Unmounted.Unknown;
    /// <summary>Of a driver; null until the PCI task has told of it.</summary>
    public DriverDevice? Device { get; set; }
    /// <summary>The spec's, until an upgrade has brought another.</summary>
    public string Image { get; set; } = spec.Image;
    /// <summary>Of a server that is no image of the boot archive: its bytes.</summary>
    public Handle Program { get; set; }
    public Upgrade? Upgrade { get; set; }
    /// <summary>The supervisor's own row: looked at, never started.</summary>
    public bool IsSelf => Spec == SystemTable.Supervisor;

    public Handle Endpoint { get; set; }
    public Handle Vault { get; set; }
    /// <summary>Call capability for the supervisor that this task gets, and its badge.</summary>
    public Handle Supervisor { get; set; }
    public Badge Badge { get; set; }

    public Handle Process { get; set; }
    public Handle Control { get; set; }
    public ProcessId ProcessId { get; set; }

    public TaskState State { get; set; } = TaskState.Waiting;
    /// <summary>While it is Starting.</summary>
    public StartKind Start { get; set; }
    /// <summary>Stopped by `stop`; a stopped task cannot hang.</summary>
    public Running Running { get; set; } = Running.Yes;
    public uint Incarnation { get; set; }
    public uint Restarts { get; set; }
    public ulong RestartAtNs { get; set; }
    public DeathHistory History { get; } = new();
    public DeathCause LastCause { get; set; }
    public ulong LastDeathNs { get; set; }
    /// <summary>
    /// From the latest death to the next incarnation's first receive; 0 when unknown.
    /// </summary>
    public ulong RecoveryNs { get; set; }

    public CrashReport? LastReport { get; set; }
    /// <summary>A fault was injected, and has not killed it yet.</summary>
    public PendingFault Fault { get; set; }

    /// <summary>The name of the mount is free from now on.</summary>
    public void Retire(Retirement retirement)
    {
        Retirement = retirement;
        Name = $"{Spec.Name}#{Mount!.Id}";
    }

    public bool IsAlive => !Process.IsNone;
    public OnDeath OnDeath => Mount?.Options.OnDeath ?? Spec.OnDeath;
    /// <summary>Longest that a client waits in a call that names no deadline itself.</summary>
    public ulong CallDeadlineMs =>
        Mount?.Options.DeadlineMs is { } chosen and not 0 ? chosen : Spec.CallDeadlineMs;
}

public enum Running { Yes, Stopped }

public enum PendingFault { No, Yes }

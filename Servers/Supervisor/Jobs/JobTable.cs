// Jobs: programs that were started for a shell. They outlive it, and the next shell lists them.
//
// Pure: it holds handles as values and never calls the kernel. A job that has ended stays until
// somebody reaps it or its row is needed; the oldest ended one goes first.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Supervisor.Jobs;

public enum JobState
{
    Running,
    /// <summary>Dead, and its exit record is kept in the kernel on purpose.</summary>
    Unreaped,
    Ended,
}

/// <summary>Who collects the exit record: the supervisor at once, or ReapJob.</summary>
public enum Reaping { AtOnce, ByReapJob }

public sealed class Job(uint number, JobTitle title, Reaping reaping)
{
    public uint Number { get; } = number;
    public JobTitle Title { get; } = title;
    public Reaping Reaping { get; } = reaping;
    public string Name { get; } = $"{title.Name}.{number}";
    public string Image { get; set; } = "";

    /// <summary>The disk that it has claimed, as `mount` names it; or empty.</summary>
    public string Disk { get; set; } = "";

    public Handle Process { get; set; }
    public Handle Control { get; set; }
    public ProcessId ProcessId { get; set; }
    public JobState State { get; set; } = JobState.Running;
    public Running Running { get; set; } = Running.Yes;
    public int ExitCode { get; set; }
    public DeathCause Cause { get; set; }

    public bool IsAlive => State == JobState.Running;
    /// <summary>The kernel still has its process or exit record.</summary>
    public bool IsHeld => !Process.IsNone;
    public JobEnded Ended => new(ProcessId.Value, ExitCode, Cause);

    public string Line => $"[{Number}] {StateText} {ProcessId} {Title.Command}";

    private string StateText => State switch
    {
        JobState.Running when Running == Running.Stopped => "stopped",
        JobState.Running => "running",
        JobState.Unreaped => "zombie",
        _ when Cause == DeathCause.Exit => $"exit({ExitCode})",
        _ => Cause.ToString(),
    };
}

public sealed class JobTable
{
    public const int Capacity = 96;

    private readonly List<Job> _jobs = [];

    /// <summary>Until the next change of the table.</summary>
    public ReadOnlySpan<Job> All => CollectionsMarshal.AsSpan(_jobs);

    public bool IsFull => _jobs.Count == Capacity;

    /// <summary>The job whose row is the first to go, or null when none has ended.</summary>
    public Job? OldestEnded => _jobs.Find(job => job.State == JobState.Ended);

    /// <summary>The caller has seen that there is room.</summary>
    public void Add(Job job) => _jobs.Add(job);

    public void Remove(Job job) => _jobs.Remove(job);

    public Job? Find(uint number) => _jobs.Find(job => job.Number == number);

    public Job? Find(ProcessId process) => _jobs.Find(job => job.ProcessId == process);

    /// <summary>By NAME.JOB or process id; by NAME when one job alone has it.</summary>
    public Job? Find(string name)
    {
        ProcessId? id = ProcessNames.Id(name);
        Job? sameName = null;
        int sameNames = 0;
        foreach (Job job in _jobs)
        {
            if (job.State == JobState.Ended) continue;
            if (ProcessNames.Cut(job.Name) == name || job.ProcessId == id) return job;
            if (job.Title.Name != name) continue;
            sameName = job;
            sameNames++;
        }
        return sameNames == 1 ? sameName : null;
    }
}

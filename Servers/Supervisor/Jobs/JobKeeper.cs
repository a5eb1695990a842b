// Starts programs as jobs, and hears of their ends.
//
// Rules: a job belongs to the supervisor, not to the shell that asked for it; the exit record of a
// job is collected at once, except of one started with --unreaped: that one stays a zombie until
// ReapJob, so that the system can show that a zombie pins nothing; rows are saved as TaskKeeper
// saves its own.

using System;
using System.Collections.Generic;
using Servers.Supervisor.Answering;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Reports;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Servers.Supervisor.Jobs;

public sealed class JobKeeper(
    Authority authority, KernelLists lists, JobTable jobs, DirectoryShelf shelf, Grants grants,
    Launcher launcher, CrashReports reports, SupervisorVault vault)
{
    /// <summary>
    /// First argument of a job that is to stay a zombie; the program does not see it.
    /// </summary>
    public const string Unreaped = "--unreaped";

    private readonly IKernel _kernel = authority.Kernel;
    private readonly Waiters<Job> _waiters = new();
    private readonly WaitRow[] _calls = new WaitRow[Limits.Threads];
    private readonly ProcessRow[] _rows = new ProcessRow[Limits.Processes];

    public Result<JobStarted> Run(Request request, JobOrder order)
    {
        string image = order.Image, arguments = order.Arguments;
        List<string> words = arguments.Length == 0 ? [] : [.. arguments.Split('\n')];
        Reaping reaping = Reaping.AtOnce;
        if (words.Count != 0 && words[0] == Unreaped)
        {
            words.RemoveAt(0);
            reaping = Reaping.ByReapJob;
        }
        // Servers are started from the table alone: they would get no endpoint here.
        bool isServer = order.Program.IsNone && IsServerImage(image);
        if (image.Length == 0 || isServer) return Status.NotFound;
        if (!MakeRoom()) return Status.QuotaExceeded;
        uint number = authority.State.LastJobNumber + 1;
        Job job = new(number, JobTitle.Of(image, words), reaping) { Image = image };
        Status status = Start(request, job, order, words);
        return status == Status.Ok ? new JobStarted(number, job.ProcessId.Value) : status;
    }

    /// <summary>
    /// The job that this request has started in an earlier incarnation, or null: one that was not
    /// set going is gone, and the request is made anew.
    /// </summary>
    public Job? StartedBy(Request request) =>
        vault.Requests.TryFind(request, out ulong number) ? jobs.Find((uint)number) : null;

    /// <summary>A row of an earlier incarnation, and what its process is doing.</summary>
    public void Adopt(Job job, ProcessState state)
    {
        if (job.State == JobState.Running && state == ProcessState.Created) Abandon(job);
        else jobs.Add(job);
    }

    /// <summary>Notes every job that has ended since the last sweep.</summary>
    public void Sweep()
    {
        bool isUnreapedRunning = false;
        foreach (Job job in jobs.All)
        {
            if (job.State != JobState.Running) continue;
            if (job.Reaping == Reaping.AtOnce) Collect(job);
            else isUnreapedRunning = true;
        }
        if (isUnreapedRunning) FindZombies();
    }

    /// <summary>
    /// Notes the end of the job that is the last of all children to have died. False: it was none,
    /// or one that is looked for in another way.
    /// </summary>
    public bool SweepLast()
    {
        if (!launcher.TryLook(Handle.None, out DeathRecord record, out string lastWords))
            return false;
        if (jobs.Find(new ProcessId(record.Process)) is not
            { State: JobState.Running, Reaping: Reaping.AtOnce } job)
        {
            return false;
        }
        Collect(job, record, lastWords);
        return true;
    }

    public Status Kill(Job job)
    {
        if (!job.IsAlive) return job.State == JobState.Unreaped ? Status.Ok : Status.Exited;
        Status status = _kernel.ProcessKill(job.Process);
        Sweep();
        return status;
    }

    /// <summary>Answers at once for an ended job; the row stays until ReapJob.</summary>
    public Result<JobEnded> Wait(Request request, uint number)
    {
        if (jobs.Find(number) is not { } job) return Status.NotFound;
        if (!job.IsAlive) return job.Ended;
        return _waiters.Add(job, request);
    }

    public Status Reap(uint number)
    {
        if (jobs.Find(number) is not { } job) return Status.NotFound;
        if (job.State == JobState.Running) return Status.WouldBlock;
        if (job.State == JobState.Unreaped) Collect(job);
        jobs.Remove(job);
        vault.Forget(job);
        return Status.Ok;
    }

    public void DropWaiters(ReadOnlySpan<WaitRow> calls) => _waiters.DropGone(calls);

    /// <summary>The living job whose call this is; null: somebody else's.</summary>
    public Job? CallerOf(Request request)
    {
        foreach (ref readonly WaitRow call in lists.Waits(_calls))
        {
            if (call.RequestId != request.Id.Value) continue;
            foreach (Job job in jobs.All)
            {
                if (job.IsAlive && job.ProcessId.Value == call.CallerProcess) return job;
            }
        }
        return null;
    }

    private bool MakeRoom()
    {
        if (!jobs.IsFull) return true;
        if (jobs.OldestEnded is not { } oldest) return false;
        jobs.Remove(oldest);
        vault.Forget(oldest);
        return true;
    }

    private Status Start(Request request, Job job, JobOrder order, List<string> words)
    {
        ulong set = order.Narrowing?.Directories ?? 0;
        if (set != 0 && shelf.Find(set) is null) return Status.NotMounted;
        Result<Handle> control = _kernel.NotificationCreate();
        if (!control.IsOk) return control.Status;
        LaunchPlan plan = PlanFor(job, order, control.Value, words);
        Result<CreatedProcess> created = launcher.Create(plan);
        if (!created.IsOk)
        {
            _kernel.Close(control.Value);
            return created.Status;
        }
        authority.Keep(control.Value);
        authority.Keep(created.Value.Process);
        job.Control = control.Value;
        job.Process = created.Value.Process;
        job.ProcessId = created.Value.Id;
        authority.State.LastJobNumber = job.Number;
        vault.StageState();
        vault.Requests.Record(request, job.Number);
        vault.Save(job);
        Status status = launcher.Start(job.Process, plan);
        if (status != Status.Ok)
        {
            Abandon(job);
            return status;
        }
        jobs.Add(job);
        authority.Log($"start {job.Name}[{job.ProcessId}]: {job.Title.Command}");
        return Status.Ok;
    }

    private LaunchPlan PlanFor(Job job, JobOrder order, Handle control, List<string> words)
    {
        List<Grant> all = grants.For(
            order.Spec.Capabilities, new OwnHandles(Handle.None, control, Handle.None));
        foreach (Grant stream in order.Streams)
        {
            if (!stream.Handle.IsNone) all.Add(stream);
        }
        List<string> environment = [$"CWD={order.Directory}"];
        if (order.Narrowing is { Directories: not 0 } narrowing)
            AddDirectories(narrowing, all, environment);
        return new LaunchPlan
        {
            Name = job.Name, Image = job.Image, Spec = order.Spec, Grants = all,
            Program = order.Program, Arguments = words, Environment = environment,
        };
    }

    private void AddDirectories(Narrowing narrowing, List<Grant> all, List<string> environment)
    {
        Rights rights = narrowing.Access == NameSpaceAccess.ReadOnly
            ? Rights.Use & ~Rights.Write : Rights.Use;
        foreach (BroughtDirectory one in shelf.Find(narrowing.Directories)!)
        {
            string name = GivenDirectories.NameOf(environment.Count - 1);
            all.Add(new Grant(name, one.Directory, rights));
            environment.Add($"{name}={one.Path}");
        }
    }

    /// <summary>One that was never set going.</summary>
    private void Abandon(Job job)
    {
        vault.Forget(job);
        launcher.Abandon(job.Process, job.Control);
    }

    /// <summary>Takes the exit record, if it has ended, and keeps what it says.</summary>
    private void Collect(Job job)
    {
        if (launcher.TryLook(job.Process, out DeathRecord record, out string lastWords))
            Collect(job, record, lastWords);
    }

    private void Collect(Job job, in DeathRecord record, string lastWords)
    {
        Handle process = job.Process, control = job.Control;
        job.ExitCode = record.ExitCode;
        job.Cause = record.Cause;
        job.Process = job.Control = Handle.None;
        if (record.Cause != DeathCause.Exit)
        {
            reports.Add(job.Name, job.Image, record, lastWords);
        }
        End(job, JobState.Ended);
        launcher.Collect(process, control);
    }

    private void FindZombies()
    {
        foreach (ref readonly ProcessRow row in lists.Processes(_rows))
        {
            if (row.State != ProcessState.Zombie) continue;
            foreach (Job job in jobs.All)
            {
                if (job.State != JobState.Running || job.ProcessId.Value != row.Id) continue;
                job.Cause = row.Cause;
                End(job, JobState.Unreaped);
            }
        }
    }

    private void End(Job job, JobState state)
    {
        // A zombie has ended before it is collected.
        if (job.IsAlive) authority.Log($"end of {job.Name}[{job.ProcessId}]: {job.Cause}");
        job.State = state;
        vault.Save(job);
        Result<JobEnded> ended = job.Ended;
        _waiters.Complete(job, request => request.Complete(ended));
    }

    private static bool IsServerImage(string image)
    {
        if (image == "supervisor") return true;
        foreach (TaskSpec spec in SystemTable.Servers)
        {
            if (spec.IsServer && spec.Image == image) return true;
        }
        foreach (TaskSpec spec in SystemTable.MountTypes)
        {
            if (spec.Image == image) return true;
        }
        return false;
    }
}

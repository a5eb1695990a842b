// This program again, as jobs of the supervisor that do next to nothing.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Bench.Rows;

internal sealed class HelperJobs(SupervisorClient supervisor)
{
    /// <summary>
    /// What a helper does: makes a call and ends; sleeps; opens files, or copies a handle, and
    /// sleeps; reads of empty pipes, or asks the server of a mount, with a thread each.
    /// </summary>
    public const string CallOnce = "call", Sleep = "sleep", Hold = "hold", Copy = "copy",
        Wait = "wait", Ask = "ask";
    private const string Image = "bench";

    /// <summary>The exit code.</summary>
    public static int MakeFirstCall(TaskContext task) =>
        new VfsClient(task.Kernel, task.Claim("vfs")).Version().IsOk ? 0 : 1;

    /// <summary>Arguments are joined by '\n'.</summary>
    public JobStarted Start(string arguments)
    {
        Result<JobStarted> started =
            supervisor.Run(Image, arguments, "/", default, default, default);
        BenchMount.Require(started.Status, "start");
        return started.Value;
    }

    /// <summary>Waits for its end, and takes its record.</summary>
    public JobEnded End(JobStarted job)
    {
        Result<JobEnded> ended = supervisor.WaitJob(job.Job);
        BenchMount.Require(ended.Status, "wait");
        BenchMount.Require(supervisor.ReapJob(job.Job), "reap");
        return ended.Value;
    }

    public void Kill(JobStarted job)
    {
        BenchMount.Require(supervisor.Kill($"{job.Process}"), "kill");
        JobEnded ended = End(job);
        if (ended.Cause != DeathCause.Killed) throw new BenchException($"ended: {ended.Cause}");
    }
}

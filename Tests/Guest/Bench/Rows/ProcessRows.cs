// A program started until its end has been waited for, and the kill of a sleeping one.
//
// The supervisor does both for us: its calls, its records and its log are in the figures.

using System.Threading;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Bench.Rows;

internal sealed class ProcessRows(TaskContext task, Timed timed, BenchOptions options)
{
    private const int MaxKills = 100, AsleepMs = 20;

    private readonly HelperJobs _jobs =
        new(new SupervisorClient(task.Kernel, task.Claim("supervisor")));

    public void Run()
    {
        int count = options.Count / 4;
        timed.Run("process start", count, StartAndWait);
        timed.RunPart("process kill", System.Math.Min(count, MaxKills), KillSleeping);
    }

    private void StartAndWait()
    {
        JobEnded ended = _jobs.End(_jobs.Start(HelperJobs.CallOnce));
        if (ended.ExitCode != 0) throw new BenchException($"exit code {ended.ExitCode}");
    }

    private ulong KillSleeping()
    {
        JobStarted job = _jobs.Start(HelperJobs.Sleep);
        // It sleeps by then.
        Thread.Sleep(AsleepMs);
        ulong before = task.NowNs;
        _jobs.Kill(job);
        return task.NowNs - before;
    }
}

// The death of a server that has many calls in hand: reads of empty pipes, a thread each.

using System.Collections.Generic;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Bench.Rows;

internal static class Waiters
{
    /// <summary>A program may have 32 threads.</summary>
    private const int MostOfOne = 24;
    private const int SettleMs = 1000;

    /// <summary>Kills the server of pipes while it has so many calls.</summary>
    public static void Kill(TaskContext task, BenchOptions options)
    {
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        HelperJobs jobs = new(supervisor);
        List<JobStarted> helpers = [];
        for (int left = options.Count; left > 0; left -= MostOfOne)
        {
            int part = int.Min(left, MostOfOne);
            helpers.Add(jobs.Start($"{HelperJobs.Wait}\n--count\n{part}"));
        }
        Thread.Sleep(SettleMs);
        BenchMount.Require(supervisor.Kill("pipes"), "kill");
        BenchMount.Require(supervisor.WaitReady("pipes"), "ready");
        Thread.Sleep(SettleMs);
        foreach (JobStarted helper in helpers) jobs.Kill(helper);
    }

    /// <summary>What a helper does; it does not return.</summary>
    public static void Wait(TaskContext task, BenchOptions options)
    {
        Result<PipeEnds> pipe = new PipesClient(task.Kernel, task.Claim("pipes")).Create();
        BenchMount.Require(pipe.Status, "pipe");
        Handle reader = pipe.Value.Reader.Handle;
        for (int i = 0; i < options.Count; i++)
        {
            new Thread(() => new ByteStreamClient(task.Kernel, reader).Read(new byte[1])).Start();
        }
        Thread.Sleep(Timeout.Infinite);
    }
}

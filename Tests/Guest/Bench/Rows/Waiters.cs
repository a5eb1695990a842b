// The end of many calls at once, a thread each: their server dies that has them in hand, or before
// it has received them, or what they came through is revoked.

using System.Collections.Generic;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class Waiters(TaskContext task, BenchOptions options)
{
    /// <summary>A program may have 32 threads.</summary>
    private const int MostOfOne = 24;
    private const int SettleMs = 1000;
    private const string Server = $"memfs@{Mounted.Directory}", LongDeadline = "deadline=100";

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));

    public void Run()
    {
        switch (options.End)
        {
            case CallsEnd.Killed: EndOfPipes(); break;
            case CallsEnd.Unmounted: EndOfMount("hold", static mount => mount.Unmount()); break;
            case CallsEnd.Failed: EndOfMount("fail", _ => KillServer()); break;
            default:
                EndOfMount("vanish", mount =>
                {
                    KillServer();
                    mount.NoteVanished();
                });
                break;
        }
    }

    private void KillServer() => BenchMount.Require(_supervisor.Kill(Server), "kill");

    /// <summary>Kills the server of pipes while it has so many reads.</summary>
    private void EndOfPipes()
    {
        HelperJobs jobs = new(_supervisor);
        List<JobStarted> helpers = StartHelpers(jobs, HelperJobs.Wait);
        BenchMount.Require(_supervisor.Kill("pipes"), "kill");
        BenchMount.Require(_supervisor.WaitReady("pipes"), "ready");
        Thread.Sleep(SettleMs);
        foreach (JobStarted helper in helpers) jobs.Kill(helper);
    }

    /// <summary>So many wait for a server that is stopped.</summary>
    private void EndOfMount(string onDeath, System.Action<Mounted> end)
    {
        HelperJobs jobs = new(_supervisor);
        using Mounted mount = new(_supervisor, FileApi.Open(task), "memfs",
            $"ondeath={onDeath},{LongDeadline}");
        BenchMount.Require(_supervisor.Stop(Server), "stop");
        List<JobStarted> helpers = StartHelpers(jobs, HelperJobs.Ask);
        end(mount);
        Thread.Sleep(SettleMs);
        foreach (JobStarted helper in helpers) jobs.Kill(helper);
    }

    private List<JobStarted> StartHelpers(HelperJobs jobs, string role)
    {
        List<JobStarted> helpers = [];
        for (int left = options.Count; left > 0; left -= MostOfOne)
            helpers.Add(jobs.Start($"{role}\n--count\n{int.Min(left, MostOfOne)}"));
        Thread.Sleep(SettleMs);
        return helpers;
    }

    /// <summary>What a helper does: reads of an empty pipe. It does not return.</summary>
    public static void Wait(TaskContext task, BenchOptions options)
    {
        Result<PipeEnds> pipe = new PipesClient(task.Kernel, task.Claim("pipes")).Create();
        BenchMount.Require(pipe.Status, "pipe");
        Handle reader = pipe.Value.Reader.Handle;
        StartAll(options.Count, () => new ByteStreamClient(task.Kernel, reader).Read(new byte[1]));
    }

    /// <summary>What another one does: questions to the server of the mount.</summary>
    public static void Ask(TaskContext task, BenchOptions options)
    {
        FileApi files = FileApi.Open(task);
        StartAll(options.Count, () => files.Stat(Mounted.Directory));
    }

    private static void StartAll(int count, System.Action call)
    {
        for (int i = 0; i < count; i++) new Thread(() => call()).Start();
        Thread.Sleep(Timeout.Infinite);
    }
}

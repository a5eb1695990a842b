// So many open handles of one file of the mount, or so many copies of a handle, in this program and
// in helpers: a program may have about a thousand.

using System;
using System.Collections.Generic;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class HandleHolders : IDisposable
{
    public const int MostOfOne = 900;
    private const string FilePath = Mounted.Directory + "/file", MarkPath = "/tmp/benchheld";

    private readonly HelperJobs _jobs;
    private readonly List<JobStarted> _helpers = [];

    public HandleHolders(TaskContext task, FileApi files, int count)
    {
        _jobs = new HelperJobs(new SupervisorClient(task.Kernel, task.Claim("supervisor")));
        BenchMount.Require(files.WriteAll(FilePath, [1]), "file");
        int mine = Math.Min(count, MostOfOne);
        Mine = OpenMany(files, mine);
        for (int left = count - mine; left > 0; left -= MostOfOne)
        {
            int part = Math.Min(left, MostOfOne);
            _helpers.Add(StartHelper(_jobs, files, HelperJobs.Hold, part));
        }
    }

    /// <summary>Those that this program itself holds.</summary>
    public IReadOnlyList<RemoteFile> Mine { get; }

    /// <summary>It has all of its handles by the time that this returns.</summary>
    public static JobStarted StartHelper(HelperJobs jobs, FileApi files, string role, int count)
    {
        JobStarted helper = jobs.Start($"{role}\n--count\n{count}\n--mark\n{MarkPath}");
        while (files.Stat(MarkPath).Status != Status.Ok) Thread.Sleep(1);
        BenchMount.Require(files.RemoveFile(MarkPath), "mark");
        return helper;
    }

    /// <summary>What a helper does: opens the file so often, says so, and sleeps.</summary>
    public static void Hold(TaskContext task, BenchOptions options)
    {
        FileApi files = FileApi.Open(task);
        List<RemoteFile> held = OpenMany(files, options.Count);
        SayAndSleep(files, options);
        GC.KeepAlive(held);
    }

    /// <summary>What another one does: copies a handle so often, says so, and sleeps.</summary>
    public static void Copy(TaskContext task, BenchOptions options)
    {
        FileApi files = FileApi.Open(task);
        Handle pipes = task.Claim("pipes");
        for (int i = 0; i < options.Count; i++)
            BenchMount.Require(task.Kernel.Copy(pipes, Rights.Call).Status, "copy");
        SayAndSleep(files, options);
    }

    public void Dispose()
    {
        foreach (RemoteFile file in Mine) file.Dispose();
        foreach (JobStarted helper in _helpers) _jobs.Kill(helper);
    }

    private static void SayAndSleep(FileApi files, BenchOptions options)
    {
        BenchMount.Require(files.WriteAll(options.Mark, []), "mark");
        Thread.Sleep(Timeout.Infinite);
    }

    private static List<RemoteFile> OpenMany(FileApi files, int count)
    {
        List<RemoteFile> held = [];
        for (int i = 0; i < count; i++)
        {
            Result<RemoteFile> opened = files.Open(FilePath, OpenMode.Read);
            BenchMount.Require(opened.Status, "open");
            held.Add(opened.Value);
        }
        return held;
    }
}

// Umount of a memfs of which so many handles are open; afterwards they are dead, which is checked.
//
// Rules: a program may have about a thousand handles, so helpers hold what is more.

using System;
using System.Collections.Generic;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class UmountRows(TaskContext task, Timed timed)
{
    private const string FilePath = Mounted.Directory + "/file", MarkPath = "/tmp/benchheld";
    private const int MostOfOne = 900, Rounds = 20, RoundsOfMost = 4;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly FileApi _files = FileApi.Open(task);

    public void Run()
    {
        foreach (int count in (int[])[1, 100, 10_000])
        {
            int rounds = count > MostOfOne ? RoundsOfMost : Rounds;
            timed.RunPart($"umount {count} handles", rounds, () => UnmountOnce(count));
        }
    }

    /// <summary>What a helper does: opens the file so often, says so, and sleeps.</summary>
    public static void Hold(TaskContext task, BenchOptions options)
    {
        FileApi files = FileApi.Open(task);
        List<RemoteFile> held = OpenMany(files, options.Count);
        BenchMount.Require(files.WriteAll(options.Mark, []), "mark");
        Thread.Sleep(Timeout.Infinite);
        GC.KeepAlive(held);
    }

    private ulong UnmountOnce(int count)
    {
        using Mounted mount = new(_supervisor, _files, "memfs");
        BenchMount.Require(_files.WriteAll(FilePath, [1]), "file");
        HelperJobs jobs = new(_supervisor);
        int mine = Math.Min(count, MostOfOne);
        List<RemoteFile> held = OpenMany(_files, mine);
        List<JobStarted> helpers = StartHelpers(jobs, count - mine);
        ulong before = task.NowNs;
        mount.Unmount();
        ulong tookNs = task.NowNs - before;
        foreach (RemoteFile file in held) RequireDead(file);
        foreach (JobStarted helper in helpers) jobs.Kill(helper);
        return tookNs;
    }

    private List<JobStarted> StartHelpers(HelperJobs jobs, int handles)
    {
        List<JobStarted> helpers = [];
        for (; handles > 0; handles -= MostOfOne)
        {
            int count = Math.Min(handles, MostOfOne);
            helpers.Add(jobs.Start(
                $"{HelperJobs.Hold}\n--count\n{count}\n--mark\n{MarkPath}"));
            // One after the other: the mark says that this one has all of its handles.
            while (_files.Stat(MarkPath).Status != Status.Ok) Thread.Sleep(1);
            BenchMount.Require(_files.RemoveFile(MarkPath), "mark");
        }
        return helpers;
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

    private static void RequireDead(RemoteFile file)
    {
        Span<byte> bytes = stackalloc byte[1];
        Status status = file.Read(bytes).Status;
        if (status != Status.Revoked) throw new BenchException($"read after umount: {status}");
        file.Dispose();
    }
}

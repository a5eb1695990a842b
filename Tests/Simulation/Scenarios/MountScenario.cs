// A mount made, used and taken away, step by step; see FileScenario for what is accepted.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;

namespace Tests.Simulation.Scenarios;

sealed class MountScenario(string options)
{
    // What is done to a mount may also find that the mount has come or gone in a first attempt.
    static readonly Status[] Clear =
    [
        Status.Ok, Status.NotFound, Status.PeerDied, Status.Revoked, Status.TimedOut,
        Status.AlreadyExists, Status.NotMounted, Status.NotEmpty,
    ];

    static void Check(Status status, string step)
    {
        if (!Clear.Contains(status)) throw new InvalidOperationException($"{step}: {status}");
    }

    public void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        Check(supervisor.Mount("memory", "/mnt", "memfs", options), "mount");
        Result<RemoteFile> opened = files.Open(
            "/mnt/f", OpenMode.Create | OpenMode.Read | OpenMode.Write);
        Check(opened.Status, "open");
        if (opened.IsOk) Check(opened.Value.Write("some bytes"u8).Status, "write");
        Status unmounted = supervisor.Unmount("/mnt").Status;
        Check(unmounted, "umount");
        if (!opened.IsOk) return;
        using RemoteFile file = opened.Value;
        Status status = file.Stat().Status;
        // A mount that had vanished before: the file was made in the directory below it.
        if (unmounted == Status.Ok && status != Status.Revoked)
            throw new InvalidOperationException($"used after umount: {status}");
    }
}

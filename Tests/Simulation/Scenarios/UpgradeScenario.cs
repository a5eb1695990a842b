// A server is upgraded under an open file, then to a version that fails its probe, while everybody
// is being killed.
//
// Rules: whatever dies, the file is there with what was acknowledged; an upgrade answers what it
// has done. It can be run again from its start.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;

namespace Tests.Simulation.Scenarios;

static class UpgradeScenario
{
    // Refused: the new version was killed. WouldBlock: the old one was, and is not back yet.
    static readonly Status[] Clear = [Status.Ok, Status.Refused, Status.WouldBlock];

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        Result<RemoteFile> opened = files.Open(
            "/home/f", OpenMode.Create | OpenMode.Read | OpenMode.Write);
        Require(opened.IsOk, $"open: {opened.Status}");
        using RemoteFile file = opened.Value;
        CheckFile(file, 1);
        Status status = supervisor.Upgrade("memfs@/", "memfs2");
        Require(Clear.Contains(status), $"upgrade: {status}");
        CheckFile(file, 2);
        status = supervisor.Upgrade("memfs@/", "memfs3");
        Require(status is Status.Refused or Status.WouldBlock, $"bad upgrade: {status}");
        CheckFile(file, 3);
        Require(files.RemoveFile("/home/f") == Status.Ok, "rm");
    }

    static void CheckFile(RemoteFile file, byte value)
    {
        byte[] written = [value, 7, value], read = new byte[3];
        file.Offset = 0;
        Require(file.Write(written).IsOk, "write");
        // Of the server, which is what is upgraded.
        Require(file.Client.Read(0, read).IsOk && read.SequenceEqual(written), "read");
    }

    static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }
}

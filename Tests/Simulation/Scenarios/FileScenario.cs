// What a program does with files, step by step, and what it accepts from a system that is being
// killed: the right answer, or a status that says what has happened.
//
// It can be run again from its start: whatever an earlier run has left is taken over.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Scenarios;

static class FileScenario
{
    static readonly byte[] Text = Encoding.UTF8.GetBytes("what was acknowledged is there\n");

    // A memfs that dies loses its files, so they may be gone; nothing may be wrong, or hang.
    static readonly Status[] Clear =
        [Status.Ok, Status.NotFound, Status.PeerDied, Status.Revoked, Status.TimedOut];

    static void Check(Status status, string step, params Status[] also)
    {
        if (!Clear.Contains(status) && !also.Contains(status))
            throw new InvalidOperationException($"{step}: {status}");
    }

    public static void Run(TaskContext context)
    {
        using FileApi files = FileApi.Open(context);
        Check(files.MakeDirectory("/home/d"), "mkdir", Status.AlreadyExists);
        Result<RemoteFile> opened = files.Open(
            "/home/d/f", OpenMode.Create | OpenMode.Read | OpenMode.Write | OpenMode.Truncate);
        Check(opened.Status, "open");
        if (opened.IsOk)
        {
            using RemoteFile file = opened.Value;
            UseFile(file);
        }

        Result<FileStat> stat = files.Stat("/home/d/f");
        Check(stat.Status, "stat");
        Check(files.Rename("/home/d/f", "/home/d/g"), "rename");
        Check(files.RemoveFile("/home/d/g"), "rm");
        Check(files.RemoveFile("/home/d/f"), "rm");
        Check(files.List("/home").Status, "ls");
        Check(files.RemoveDirectory("/home/d"), "rmdir");
    }

    static void UseFile(RemoteFile file)
    {
        Result<uint> written = file.Write(Text);
        Check(written.Status, "write");
        byte[] target = new byte[Text.Length];
        file.Offset = 0;
        Result<uint> read = file.Read(target);
        Check(read.Status, "read");
        if (!read.IsOk || !written.IsOk) return;
        if (!target.AsSpan(0, (int)read.Value).SequenceEqual(Text))
            throw new InvalidOperationException("read something else than was written");
    }
}

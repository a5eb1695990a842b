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
using System.Text;

namespace Tests.Simulation.Scenarios;

static class UpgradeScenario
{
    // Refused: the new version was killed. WouldBlock: the old one was, and is not back yet.
    static readonly Status[] Clear = [Status.Ok, Status.Refused, Status.WouldBlock];

    const string LogPath = "/home/log";
    const int LineBytes = 10;

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        Result<RemoteFile> opened = files.Open(
            "/home/f", OpenMode.Create | OpenMode.Read | OpenMode.Write);
        Require(opened.IsOk, $"open: {opened.Status}");
        using RemoteFile file = opened.Value;
        Result<RemoteFile> log = files.Open(LogPath, OpenMode.Create | OpenMode.Write);
        Require(log.IsOk, $"open: {log.Status}");
        // The last of them are left in memory, as all that follow.
        WriteLines(log.Value, 10);
        CheckFile(file, 1);
        Status status = supervisor.Upgrade("memfs@/", "memfs2");
        Require(Clear.Contains(status), $"upgrade: {status}");
        WriteLines(log.Value, 3);
        CheckFile(file, 2);
        status = supervisor.Upgrade("memfs@/", "memfs3");
        Require(status is Status.Refused or Status.WouldBlock, $"bad upgrade: {status}");
        WriteLines(log.Value, 3);
        CheckFile(file, 3);
        CheckLines(files, log.Value);
        log.Value.Dispose();
        Require(files.RemoveFile("/home/f") == Status.Ok, "rm");
    }

    static void WriteLines(RemoteFile log, int count)
    {
        for (int i = 0; i < count; i++)
            Require(log.Write(LineAt(log.Offset)).Value == LineBytes, "write a line");
    }

    static void CheckLines(FileApi files, RemoteFile log)
    {
        Result<byte[]> read = files.ReadAll(LogPath, 1 << 20);
        Require(read.IsOk && read.Value.Length == (int)log.Offset, "length of the lines");
        for (int at = 0; at < read.Value.Length; at += LineBytes)
            Require(read.Value[at..(at + LineBytes)].SequenceEqual(LineAt((ulong)at)), "lines");
        Require(files.RemoveFile(LogPath) == Status.Ok, "rm");
    }

    static byte[] LineAt(ulong offset) => Encoding.ASCII.GetBytes($"line {offset:D4}\n");

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

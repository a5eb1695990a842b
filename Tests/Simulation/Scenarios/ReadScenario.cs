// A program reads what another writes, and keeps what it has read, while everybody is being killed:
// a write that was answered is in the next read.
//
// It can be run again from its start.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;

namespace Tests.Simulation.Scenarios;

static class ReadScenario
{
    const int Rounds = 3, ReadsUntilKept = 3;

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        using RemoteFile writer = Open(files), reader = Open(files);
        for (byte round = 1; round <= Rounds; round++)
        {
            byte[] bytes = [.. Enumerable.Repeat(round, 100)];
            writer.Offset = 0;
            Require(writer.Write(bytes).Value == bytes.Length, "write");
            for (int i = 0; i <= ReadsUntilKept; i++) Check(reader, bytes);
        }

        Require(files.RemoveFile("/home/f") == Status.Ok, "rm");
        Require(writer.SetLength(0) == Status.Ok, "cut");
        Check(reader, []);
        // The last one that serves has no page for words, whoever was killed before.
        Status killed = supervisor.Kill("memfs@/");
        Require(killed is Status.Ok or Status.Exited, $"kill: {killed}");
        Require(files.Stat("/home").IsOk, "stat");
    }

    static RemoteFile Open(FileApi files)
    {
        Result<RemoteFile> opened = files.Open(
            "/home/f", OpenMode.Create | OpenMode.Read | OpenMode.Write);
        Require(opened.IsOk, $"open: {opened.Status}");
        return opened.Value;
    }

    static void Check(RemoteFile file, byte[] expected)
    {
        byte[] target = new byte[200];
        file.Offset = 0;
        Result<uint> read = file.Read(target);
        Require(read.IsOk, $"read: {read.Status}");
        bool isRight = target.AsSpan(0, (int)read.Value).SequenceEqual(expected);
        Require(isRight, "read what was there before the last write");
    }

    static void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException(what);
    }
}

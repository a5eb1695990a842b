// A program opens what another moves and replaces, and has back what it has closed, while everybody
// is being killed: a name leads where the last change that was answered has put it.
//
// It can be run again from its start.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;

namespace Tests.Simulation.Scenarios;

static class OpenScenario
{
    const int Rounds = 3, OpensUntilKept = 5;
    const string Path = "/home/f", Next = "/home/g";

    public static void Run(TaskContext context)
    {
        SupervisorClient supervisor = new(context.Kernel, context.Claim("supervisor"));
        using FileApi files = FileApi.Open(context);
        using FileApi other = new(context.Kernel, context.Claim("vfs"));
        for (byte round = 1; round <= Rounds; round++)
        {
            byte[] bytes = [.. Enumerable.Repeat(round, 10 * round)];
            Require(other.WriteAll(Next, bytes), "write");
            Require(other.Rename(Next, Path), "mv");
            for (int i = 0; i < OpensUntilKept; i++) Check(files, bytes);
        }

        Require(other.RemoveFile(Path), "rm");
        Status gone = files.Open(Path, OpenMode.Read).Status;
        if (gone != Status.NotFound) throw new InvalidOperationException($"open: {gone}");
        // The last one that serves has no page for words, whoever was killed before.
        Status killed = supervisor.Kill("memfs@/");
        if (killed is not (Status.Ok or Status.Exited)) Require(killed, "kill");
        Require(files.Stat("/home").Status, "stat");
    }

    static void Check(FileApi files, byte[] expected)
    {
        Result<byte[]> read = files.ReadAll(Path, 100);
        Require(read.Status, "read");
        if (!read.Value.AsSpan().SequenceEqual(expected))
            throw new InvalidOperationException("opened what was there before the last change");
    }

    static void Require(Status status, string what)
    {
        if (status != Status.Ok) throw new InvalidOperationException($"{what}: {status}");
    }
}

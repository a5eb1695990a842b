// One boot, and in it each play of two programs at a pipe again and again, with a kill at each
// point of one server in turn: every byte comes out once and in order.
//
// The writer sends a file, the reader makes another of what it gets. The conductor, in the shell's
// place, makes the pipe, starts both and waits for them; none of the three dies.

using Servers.Pipes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using System.Linq;
using Tests.FakeMachine;
using Tests.Simulation.Kills;

namespace Tests.Simulation.Work;

/// <param name="victim">Name of the server that dies.</param>
/// <param name="each">How far one kill is from the next, in points; 1 for all of them.</param>
public sealed class PipeSweep(string victim, int each)
{
    const string Source = "/home/source", Found = "/home/found";
    const string WriterRole = "writer", ReaderRole = "reader";
    /// <summary>The kernel takes a supervisor that dies sooner for one that cannot live.</summary>
    const ulong LongLifeNs = 6_000_000_000;
    const int MaxPoints = 20_000;

    static readonly byte[] Bytes = MakeBytes();

    readonly List<Status> answers = [];
    PipePlay play = PipePlay.All[0];
    int point;
    string? failure;

    public SimulatedSystem System { get; set; } = null!;
    public SweepKiller Killer { get; } = new() { Only = victim };
    public SortedDictionary<string, int> KillsByPlay { get; } = [];
    public IReadOnlyDictionary<string, Action<TaskContext>> Programs =>
        new Dictionary<string, Action<TaskContext>> { [RandomWork.ClientImage] = Work };

    string When => $"{play}, kill {Killer.Victim} at point {point} ({Killer.Point})";

    public void Run(TaskContext context)
    {
        Hands hands = new(context, "/home");
        PipesClient pipes = new(context.Kernel, context.Claim("pipes"));
        Hands.Require(hands.Files.WriteAll(Source, Bytes), "source");
        for (int number = 0; number < PipePlay.All.Length; number++)
        {
            play = PipePlay.All[number];
            // The first time makes what stays, and boot has its deadlines, so that counters can be
            // compared.
            PlayOnce(hands, pipes);
            string counts = Counts(hands);
            // Where not every point is taken, each play takes others.
            for (point = number % each; RunOnce(hands, pipes); point += each)
                Require(point < MaxPoints, "it never ends");
            string found = Counts(hands);
            Require(found == counts, $"counters '{found}', expected '{counts}'\n{System.Holders}");
        }

        RequireAllUnused(hands, pipes);
    }

    /// <summary>False when no point is left: nobody has died.</summary>
    bool RunOnce(Hands hands, PipesClient pipes)
    {
        Killer.Arm(point);
        PlayOnce(hands, pipes);
        Killer.Disarm();
        KernelAudit.Check(System.Kernel);
        if (Killer.Victim is null) return false;
        KillsByPlay[play.Name] = KillsByPlay.GetValueOrDefault(play.Name) + 1;
        if (victim == "supervisor") hands.Sleep(LongLifeNs);
        return true;
    }

    void PlayOnce(Hands hands, PipesClient pipes)
    {
        answers.Clear();
        Result<PipeEnds> made = pipes.Create();
        Require(made.IsOk, $"create: {made.Status}");
        (Capability reader, Capability writer) = (made.Value.Reader, made.Value.Writer);
        Capability none = new(Handle.None);
        uint reading = Start(hands, ReaderRole, reader, none);
        uint writing = Start(hands, WriterRole, none, writer);
        hands.Kernel.Close(reader.Handle);
        hands.Kernel.Close(writer.Handle);
        Await(hands, reading);
        Await(hands, writing);
        Require(failure is null, $"{failure}");
        Require(answers.SequenceEqual(play.Answers), $"answers {string.Join(", ", answers)}");
        Result<byte[]> found = hands.Files.ReadAll(Found, 2 * Bytes.Length);
        Require(found.IsOk, $"read {Found}: {found.Status}");
        RequireBytes(found.Value);
        Hands.Require(hands.Files.RemoveFile(Found), Found);
    }

    void RequireBytes(ReadOnlySpan<byte> found)
    {
        ReadOnlySpan<byte> expected = Bytes.AsSpan(0, play.FoundBytes);
        int same = found.CommonPrefixLength(expected);
        Require(found.SequenceEqual(expected),
            $"{found.Length} bytes of {expected.Length}, the first {same} right");
    }

    uint Start(Hands hands, string role, Capability input, Capability output)
    {
        Result<JobStarted> job = hands.Supervisor.Run(
            RandomWork.ClientImage, role, "/", input, output, new Capability(Handle.None));
        Require(job.IsOk, $"run {role}: {job.Status}");
        return job.Value.Job;
    }

    void Await(Hands hands, uint job)
    {
        Result<JobEnded> ended = hands.Supervisor.WaitJob(job);
        Require(ended.IsOk && ended.Value.Cause == DeathCause.Exit,
            $"wait: {ended.Status} {ended.Value.Cause}");
        Status reaped = hands.Supervisor.ReapJob(job);
        Require(reaped == Status.Ok, $"reap: {reaped}");
    }

    /// <summary>No pipe is left of one that died: there is room for as many as ever.</summary>
    void RequireAllUnused(Hands hands, PipesClient pipes)
    {
        List<PipeEnds> all = [];
        for (int number = 0; number < PipesVault.MaxPipes; number++)
        {
            Result<PipeEnds> made = pipes.Create();
            Require(made.IsOk, $"pipe {number}: {made.Status}");
            all.Add(made.Value);
        }

        foreach (PipeEnds ends in all)
        {
            hands.Kernel.Close(ends.Reader.Handle);
            hands.Kernel.Close(ends.Writer.Handle);
        }
    }

    /// <summary>What the kernel holds when everything has come to rest.</summary>
    string Counts(Hands hands)
    {
        hands.Sleep(LongLifeNs);
        return System.Counts;
    }

    void Work(TaskContext context)
    {
        try
        {
            if (context.Arguments[0] == WriterRole) Write(context);
            else Read(context);
        }
        catch (Exception exception) when (exception is not SimulatedKill)
        {
            failure ??= $"{context.Arguments[0]}: {exception}";
        }
    }

    void Write(TaskContext context)
    {
        using FileApi files = FileApi.Open(context);
        Result<byte[]> source = files.ReadAll(Source, Bytes.Length);
        Hands.Require(source.Status, $"read {Source}");
        Handle end = context.Claim("stdout");
        ByteStreamClient stream = new(context.Kernel, end);
        int sent = 0;
        foreach (int length in play.Writes)
        {
            answers.Add(stream.Write(source.Value.AsSpan(sent, length)));
            sent += length;
        }

        context.Kernel.Close(end);
    }

    void Read(TaskContext context)
    {
        Handle end = context.Claim("stdin");
        ByteStreamClient stream = new(context.Kernel, end);
        List<byte> found = [];
        for (int reads = 0; found.Count != play.ReadBytes; reads++)
        {
            int rest = (play.ReadBytes ?? int.MaxValue) - found.Count;
            byte[] room = new byte[Math.Min(rest, play.Reads[reads % play.Reads.Length])];
            Result<uint> read = stream.Read(room);
            if (read.Status == Status.EndOfStream) break;
            Hands.Require(read.Status, "read from the pipe");
            if (read.Value == 0) throw new InvalidOperationException("a read of nothing");
            found.AddRange(room.AsSpan(0, (int)read.Value));
        }

        // The end is the end: asked again, it says so again.
        Status last = play.ReadBytes is null ? stream.Read(new byte[1]).Status : Status.EndOfStream;
        if (last != Status.EndOfStream) throw new InvalidOperationException($"after it: {last}");
        context.Kernel.Close(end);
        using FileApi files = FileApi.Open(context);
        Hands.Require(files.WriteAll(Found, found.ToArray()), $"write {Found}");
    }

    static byte[] MakeBytes()
    {
        byte[] bytes = new byte[PipePlay.SourceBytes];
        new Random(17).NextBytes(bytes);
        return bytes;
    }

    void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException($"{When}: {what}");
    }
}

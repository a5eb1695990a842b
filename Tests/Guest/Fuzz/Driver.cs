// Starts hostile processes until they have made so many calls, and compares what the kernel has
// with what it had.
//
// Rules: a hostile process says how far it is by bytes in a pipe, one for each chunk of calls: what
// was not said was not made. Every death must be of a process that was started here.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Guest.Churn.Ledger;

namespace Tests.Guest.Fuzz;

internal sealed class Driver(TaskContext task, int calls, int seed)
{
    private const int LifeMs = 1_500, SayEach = 100_000;
    private const ulong NsPerMs = 1_000_000;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly FileApi _files = FileApi.Open(task);
    private readonly KernelLedger _ledger = new(task);
    private readonly SortedDictionary<DeathCause, int> _causes = [];
    private ByteStreamWriter _output = null!;
    private PipeEnds _progress;
    private ulong _started;
    private int _lost;

    public int Run()
    {
        _output = new ByteStreamWriter(StandardOutput.Open(task));
        _progress = new PipesClient(task.Kernel, task.Claim("pipes")).Create().Value;
        _files.MakeDirectory(Neighbour.Directory);
        // The first ones bring up what stays: pools of the supervisor and of this process.
        for (int life = 0; life < 4; life++) RunOne(seed * 1_000_000 + 999_000 + life);
        EndNeighbour(StartNeighbour());
        KernelStock before = _ledger.Settled();
        _started = 0;

        JobStarted neighbour = StartNeighbour();
        int made = 0, said = 0, lives = 0;
        for (; made < calls; lives++)
        {
            made += RunOne(seed * 1_000_000 + lives);
            if (made / SayEach == said) continue;
            said = made / SayEach;
            task.Log($"fuzz: {made} calls by {lives + 1} processes");
        }
        EndNeighbour(neighbour);
        Compare(before);
        CheckAudit();
        string causes = string.Join(", ", _causes.Select(row => $"{row.Key} {row.Value}"));
        Say($"fuzz seed {seed}: {made} calls by {lives} processes ({causes}), losses {_lost}");
        return _lost == 0 ? 0 : 1;
    }

    /// <summary>One hostile process; answers how many calls it has said that it made.</summary>
    private int RunOne(int own)
    {
        Result<JobStarted> started = _supervisor.Run("fuzz", $"hostile\n{own}", "/",
            default, _progress.Writer, default);
        if (!started.IsOk)
        {
            Lose($"process {own} was not started: {started.Status}");
            return 0;
        }
        _started++;
        JobEnded? ended = Wait(started.Value, LifeMs);
        if (ended is null)
        {
            // Its threads may all wait for ever, by their own doing.
            _supervisor.Kill(started.Value.Process.ToString());
            ended = Wait(started.Value, LifeMs);
        }
        if (ended is { } end) _causes[end.Cause] = _causes.GetValueOrDefault(end.Cause) + 1;
        else Lose($"process {own} does not die");
        _supervisor.ReapJob(started.Value.Job);
        return ReadProgress();
    }

    /// <summary>What it has said, up to a mark of this process's own.</summary>
    private int ReadProgress()
    {
        const byte mark = (byte)'E';
        new ByteStreamClient(task.Kernel, _progress.Writer.Handle).Write([mark]);
        ByteStreamClient reader = new(task.Kernel, _progress.Reader.Handle);
        Span<byte> bytes = stackalloc byte[Hostile.Chunks * Hostile.Threads + 1];
        int chunks = 0;
        while (true)
        {
            Result<uint> read = reader.Read(bytes);
            if (!read.IsOk)
            {
                Lose($"the pipe: {read.Status}");
                return 0;
            }
            ReadOnlySpan<byte> found = bytes[..(int)read.Value];
            chunks += found.Count(Hostile.ChunkDone);
            if (found.Contains(mark)) return chunks * Hostile.ChunkCalls;
        }
    }

    private JobEnded? Wait(JobStarted job, ulong forMs)
    {
        SupervisorClient waiting = new(task.Kernel, task.Claim("supervisor"),
            new CallOptions(task.NowNs + forMs * NsPerMs, Handle.None));
        Result<JobEnded> ended = waiting.WaitJob(job.Job);
        return ended.IsOk ? ended.Value : null;
    }

    private JobStarted StartNeighbour()
    {
        _files.RemoveFile(Neighbour.Sign);
        Result<JobStarted> started = _supervisor.Run(
            "fuzz", "neighbour", "/", default, default, default);
        if (!started.IsOk) Lose($"the neighbour was not started: {started.Status}");
        _started++;
        return started.Value;
    }

    private void EndNeighbour(JobStarted neighbour)
    {
        _files.WriteAll(Neighbour.Sign, "stop"u8);
        JobEnded? ended = Wait(neighbour, LifeMs * 4);
        if (ended is not { Cause: DeathCause.Exit, ExitCode: 0 })
            Lose($"the neighbour ended with {ended?.Cause}, code {ended?.ExitCode}");
        _supervisor.ReapJob(neighbour.Job);
    }

    private void Compare(in KernelStock before)
    {
        string difference = _ledger.NotGivenBack(before);
        if (difference.Length != 0) Lose($"not given back: {difference}");
        ulong deaths = _ledger.Counters().Deaths - before.Counters.Deaths;
        if (deaths != _started) Lose($"{deaths} deaths of {_started} processes");
    }

    private void CheckAudit()
    {
        AuditReport report = default;
        ulong cursor = 0;
        do
        {
            Result<ulong> next = task.Kernel.Audit(task.Claim("machine"), cursor, ref report);
            if (!next.IsOk) Lose($"audit: {next.Status}");
            cursor = next.Value;
        }
        while (cursor != 0);
        if (report.Leaked != 0) Lose($"{report}");
    }

    private void Lose(string what)
    {
        _lost++;
        Say($"fuzz seed {seed}: {what}");
    }

    private void Say(string line)
    {
        _output.WriteLine(line);
        _output.Flush();
    }
}

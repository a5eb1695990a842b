// The workers as jobs: started together, then heard to the end through a pipe each.
//
// Rules: End before anything that they use goes away.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Servers.Shell.Formatting;
using Servers.Shell.Running;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class Workers(CommandContext context)
{
    private sealed record Started(JobStarted Job, Handle Output);

    private readonly List<Started> _started = [];

    public int Count => _started.Count;

    public Status Start(uint seconds, uint seed)
    {
        for (uint number = 0; number < StressPlaces.Workers; number++)
        {
            Status status = StartOne(
                $"stress {StressCommand.WorkOption} {number} "
                + $"{StressCommand.SecondsOption} {seconds} {StressCommand.SeedOption} {seed}");
            if (status != Status.Ok) return status;
        }
        return Status.Ok;
    }

    /// <summary>Waits for all, prints their losses, and answers the sum.</summary>
    public WorkDone Join()
    {
        WorkDone all = default;
        foreach (Started worker in _started)
        {
            WorkDone one = Hear(worker);
            all = new WorkDone(
                all.Operations + one.Operations,
                Math.Max(all.LongestStallNs, one.LongestStallNs), all.Losses + one.Losses);
        }
        return all;
    }

    /// <summary>None is left, whatever it does.</summary>
    public void End()
    {
        foreach (Started worker in _started)
        {
            context.Services.Supervisor.Kill(Units.Number((ulong)worker.Job.Process));
            context.Services.Supervisor.ReapJob(worker.Job.Job);
            context.Services.Close(worker.Output);
        }
        _started.Clear();
    }

    private Status StartOne(string line)
    {
        Result<PipeEnds> pipe = context.Services.Pipes.Create();
        if (!pipe.IsOk) return pipe.Status;
        Handle writer = pipe.Value.Writer.Handle;
        Handle reader = pipe.Value.Reader.Handle;
        using EmptyInput input = new();
        using StreamOutput output = new(context.Services, writer, StreamKind.Pipe);
        Result<JobStarted> job = new Jobs(context.Shell).StartBackground(
            line, new StandardStreams(input, output, output));
        context.Services.Close(writer);
        if (job.IsOk) _started.Add(new Started(job.Value, reader));
        else context.Services.Close(reader);
        return job.Status;
    }

    /// <summary>A worker that does not say how it went has lost everything.</summary>
    private WorkDone Hear(Started worker)
    {
        using MemoryStream text = new();
        StreamInput input = new(context.Services, worker.Output, StreamKind.Pipe);
        byte[] buffer = new byte[4096];
        Result<int> read;
        while ((read = input.Read(buffer)).IsOk && read.Value > 0)
        {
            text.Write(buffer, 0, read.Value);
        }
        WorkDone? done = null;
        foreach (string line in Encoding.UTF8.GetString(text.ToArray()).Split('\n'))
        {
            if (WorkDone.TryParse(line, out WorkDone parsed)) done = parsed;
            else if (line.Length > 0) context.WriteLine($"stress: {line}");
        }
        if (done is { } known) return known;
        string reason = read.IsOk ? "it has ended" : StatusText.Of(read.Status);
        context.WriteLine($"stress: job {worker.Job.Job} has not said how it went: {reason}");
        return new WorkDone(0, 0, 1);
    }
}

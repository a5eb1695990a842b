// Programs and parts of lines that run as processes of their own, through the supervisor.
//
// Rules: the supervisor owns them, so that they outlive this shell. A job in the foreground is
// waited for and reaped here; the others by `wait`.

using System;
using System.Collections.Generic;
using Servers.Shell.Commands;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public sealed class Jobs(ShellState shell)
{
    /// <summary>The image that runs a line: this one.</summary>
    public const string ShellImage = "shell";
    /// <summary>First argument of a shell that runs one line; the line and `$?` follow.</summary>
    public const string LineOption = "-c";

    /// <summary>Starts a shell for part of a line.</summary>
    public Result<JobStarted> StartLine(string source, Handle input, Handle output, Handle error)
        => Start(
            ShellImage, [LineOption, source, Units.Number(shell.LastStatus)], input, output, error);

    /// <param name="program">Its bytes; None: the image is one of the boot archive.</param>
    /// <param name="space">Null: it is one of the archive, and gets what they get.</param>
    public Result<JobStarted> Start(
        string image, IReadOnlyList<string> arguments, Handle input, Handle output, Handle error,
        Handle program = default, NarrowSpace? space = null)
    {
        // Arguments travel as lines.
        foreach (string argument in arguments)
        {
            if (argument.Contains('\n')) return Status.BadArgument;
        }
        ISupervisor supervisor = shell.Services.Supervisor;
        string words = string.Join('\n', arguments);
        Capability inputEnd = new(input), outputEnd = new(output), errorEnd = new(error);
        return space is null
            ? supervisor.Run(image, words, shell.Directory, inputEnd, outputEnd, errorEnd)
            : space.Start(set => supervisor.RunNarrow(
                image, new Capability(program), words, shell.Directory, space.Access, set,
                inputEnd, outputEnd, errorEnd));
    }

    /// <summary>Starts a shell beside this one, which reads nothing from the console.</summary>
    public Result<JobStarted> StartBackground(string source, StandardStreams streams)
    {
        Result<Handle> empty = MakeEmptyStream();
        if (!empty.IsOk) return empty.Status;
        Result<JobStarted> started = StartLine(
            source, empty.Value, ForJob(streams.Output), ForJob(streams.Error));
        shell.Services.Close(empty.Value);
        return started;
    }

    /// <summary>What a job gets for a stream of this shell.</summary>
    public static Handle ForJob(Output output) => output.IsConsole ? Handle.None : output.Stream;

    public static Handle ForJob(Input input) => input.IsConsole ? Handle.None : input.Stream;

    /// <summary>
    /// Waits for a job in the foreground and reaps it. The first Ctrl-C says that it goes on, the
    /// second kills it.
    /// </summary>
    public int WaitForeground(JobStarted job, string what, Output error)
    {
        shell.Interrupts.SetForeground(new ProcessId(job.Process));
        try
        {
            while (true)
            {
                Result<JobEnded> ended = shell.Services.Supervisor.WaitJob(job.Job);
                if (ended.IsOk)
                {
                    shell.Services.Supervisor.ReapJob(job.Job);
                    return CodeOf(ended.Value, what, error);
                }
                if (ended.Status != Status.Cancelled)
                {
                    return Say(error, $"shell: {what}: {StatusText.Of(ended.Status)}");
                }
                if (shell.Interrupts.Count <= 1)
                {
                    Say(error, $"shell: {what}: goes on as {job.Process}; Ctrl-C again kills it");
                }
            }
        }
        finally
        {
            shell.Interrupts.SetForeground(default);
        }
    }

    /// <summary>Exit code of an ended job; a death is told.</summary>
    public static int CodeOf(JobEnded ended, string what, Output error)
    {
        if (ended.Cause == DeathCause.Exit) return ended.ExitCode;
        Say(error, $"shell: {what}: {StatusText.Of(ended.Cause)}");
        bool isAborted = ended.Cause is DeathCause.UnhandledException or DeathCause.Abort;
        return isAborted ? ExitCode.Aborted : ExitCode.DeathFirst + (int)ended.Cause;
    }

    /// <summary>The reading end of a pipe that nobody writes to.</summary>
    private Result<Handle> MakeEmptyStream()
    {
        Result<PipeEnds> pipe = shell.Services.Pipes.Create();
        if (!pipe.IsOk) return pipe.Status;
        shell.Services.Close(pipe.Value.Writer.Handle);
        return pipe.Value.Reader.Handle;
    }

    private static int Say(Output error, string line)
    {
        error.WriteLine(line);
        error.Flush();
        return ExitCode.Failure;
    }
}

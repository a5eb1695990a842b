// Runs parsed lines: built-ins here, stages of a pipeline and background lists as jobs.
//
// Rules: nothing throws out of Run. After Ctrl-C the rest of the line is dropped.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Commands;
using Servers.Shell.Formatting;
using Servers.Shell.Language;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public sealed class Executor(ShellState shell)
{
    /// <summary>The console ends reads at Ctrl-C before it tells the shell.</summary>
    private const ulong InterruptDelayNs = 50_000_000;

    private readonly Jobs _jobs = new(shell);

    /// <summary>Runs a line, sets and answers its status.</summary>
    public int Run(string line, StandardStreams streams)
    {
        ParsedLine parsed = Parser.Parse(line);
        if (!parsed.IsOk)
        {
            shell.LastStatus = Say(streams.Error, $"shell: syntax: {parsed.Error}", ExitCode.Usage);
            return shell.LastStatus;
        }
        foreach (CommandList list in parsed.Lists)
        {
            if (list.Placement == Placement.Background) RunBackground(list, streams);
            else RunSteps(list, streams);
            if (IsStopped) break;
        }
        return shell.LastStatus;
    }

    private bool IsStopped => shell.ExitRequest is not null || shell.Interrupts.Count > 0;

    private void RunSteps(CommandList list, StandardStreams streams)
    {
        foreach (Step step in list.Steps)
        {
            bool isSkipped = step.Condition switch
            {
                Condition.AfterSuccess => shell.LastStatus != 0,
                Condition.AfterFailure => shell.LastStatus == 0,
                _ => false,
            };
            if (isSkipped) continue;
            shell.LastStatus = step.Pipeline.Stages.Count == 1
                ? RunCommand(step.Pipeline.Stages[0], streams)
                : RunPipeline(step.Pipeline, streams);
            if (shell.LastStatus == ExitCode.Interrupted) AwaitInterrupt();
            if (IsStopped) return;
        }
    }

    /// <summary>
    /// What read has heard of the Ctrl-C already; the rest of the line is to be dropped too. The
    /// interrupt cancels the pause.
    /// </summary>
    private void AwaitInterrupt()
    {
        if (shell.IsInteractive && shell.Interrupts.Count == 0)
            shell.Services.Sleep(InterruptDelayNs);
    }

    private void RunBackground(CommandList list, StandardStreams streams)
    {
        Result<JobStarted> started = StartsProgram(list) is { } words
            ? _jobs.Start(words[0], words[1..], Handle.None, Jobs.ForJob(streams.Output),
                Jobs.ForJob(streams.Error))
            : _jobs.StartBackground(list.Source, streams);
        if (!started.IsOk)
        {
            string reason = StatusText.Of(started.Status);
            shell.LastStatus = Say(streams.Error, $"shell: {list.Source}: {reason}");
            return;
        }
        shell.LastStatus = ExitCode.Success;
        if (!shell.IsInteractive) return;
        streams.Output.WriteLine($"[{started.Value.Job}] {started.Value.Process}");
        streams.Output.Flush();
    }

    /// <summary>
    /// The words after a plain `run` of a program of the archive: such a job needs no shell around
    /// it.
    /// </summary>
    private List<string>? StartsProgram(CommandList list)
    {
        if (list.Steps.Count != 1 || list.Steps[0].Pipeline.Stages.Count != 1) return null;
        SimpleCommand command = list.Steps[0].Pipeline.Stages[0];
        if (command.Redirections.Count > 0 || command.Words.Count < 2) return null;
        List<string> words = Expand(command);
        bool isPlain = words[0] == "run" && !NarrowSpace.IsOption(words[1])
            && !ProgramFile.IsPath(words[1]);
        return isPlain ? words[1..] : null;
    }

    /// <summary>All stages but the last are jobs; the last runs here, its status counts.</summary>
    private int RunPipeline(Pipeline pipeline, StandardStreams streams)
    {
        List<JobStarted> started = [];
        Handle input = Jobs.ForJob(streams.Input);
        Handle owned = Handle.None;
        Status status = Status.Ok;
        for (int index = 0; index < pipeline.Stages.Count - 1 && status == Status.Ok; index++)
        {
            status = StartStage(pipeline.Stages[index], streams, started, ref input);
            if (owned != Handle.None) shell.Services.Close(owned);
            owned = status == Status.Ok ? input : Handle.None;
        }
        int code;
        if (status == Status.Ok)
        {
            StreamInput last = new(shell.Services, owned, StreamKind.Pipe);
            code = RunCommand(pipeline.Stages[^1], streams with { Input = last });
        }
        else
        {
            code = Say(streams.Error, $"shell: pipeline: {StatusText.Of(status)}");
        }
        // Writers learn from this that nobody reads any more.
        if (owned != Handle.None) shell.Services.Close(owned);
        bool isAbandoned = status != Status.Ok || shell.Interrupts.Count > 0;
        foreach (JobStarted job in started) EndStage(job, isAbandoned, streams.Error);
        return code;
    }

    private Status StartStage(
        SimpleCommand stage, StandardStreams streams, List<JobStarted> started, ref Handle input)
    {
        Result<PipeEnds> pipe = shell.Services.Pipes.Create();
        if (!pipe.IsOk) return pipe.Status;
        Handle writer = pipe.Value.Writer.Handle;
        Result<JobStarted> job = _jobs.StartLine(
            stage.Source, input, writer, Jobs.ForJob(streams.Error));
        shell.Services.Close(writer);
        if (!job.IsOk)
        {
            shell.Services.Close(pipe.Value.Reader.Handle);
            return job.Status;
        }
        started.Add(job.Value);
        input = pipe.Value.Reader.Handle;
        return Status.Ok;
    }

    private void EndStage(JobStarted job, bool isAbandoned, Output error)
    {
        if (isAbandoned)
        {
            shell.Services.Supervisor.Kill(Units.Number(job.Process));
            shell.Services.Supervisor.WaitJob(job.Job);
            shell.Services.Supervisor.ReapJob(job.Job);
            return;
        }
        _jobs.WaitForeground(job, $"job {job.Job}", error);
    }

    private int RunCommand(SimpleCommand command, StandardStreams streams)
    {
        List<string> words = Expand(command);
        string name = words.Count > 0 ? words[0] : "shell";
        using Redirector redirector = new(shell, streams);
        foreach (Redirection redirection in command.Redirections)
        {
            string target = redirection.Target.Expand(shell.LastStatus);
            Status status = redirector.Open(redirection.Kind, target);
            if (status != Status.Ok)
            {
                return Say(streams.Error, $"shell: {target}: {StatusText.Of(status)}");
            }
        }
        if (words.Count == 0) return ExitCode.Success;
        Command? found = shell.Commands.Find(name);
        if (found is null)
        {
            string reason = IsProgram(name)
                ? $"a program, no command: run {name}" : "unknown command (help lists them)";
            return Say(
                redirector.Streams.Error, $"shell: {name}: {reason}", ExitCode.NotFound);
        }
        return RunBuiltIn(found, words[1..], redirector.Streams);
    }

    private bool IsProgram(string name)
    {
        Result<IReadOnlyList<ImageInfo>> programs = shell.Inspector.Programs();
        return programs.IsOk && programs.Value.Any(program => program.Name == name);
    }

    private int RunBuiltIn(Command command, List<string> arguments, StandardStreams streams)
    {
        CommandContext context = new(shell, command, streams.Input, streams.Output, streams.Error);
        int code;
        try
        {
            code = command.Run(context, arguments);
        }
        catch (OutOfMemoryException)
        {
            code = context.Fail("out of memory");
        }
        catch (Exception exception)
        {
            string what = $"{exception.GetType().Name}: {exception.Message}";
            code = context.Fail("internal error", what);
        }
        streams.Output.Flush();
        Status status = streams.Output.Status;
        if (status == Status.Ok) return code;
        streams.Output.Mend();
        // A reader that has seen enough is no error.
        if (status == Status.NoReader) return code == 0 ? ExitCode.Failure : code;
        return context.Fail("output", status);
    }

    private List<string> Expand(SimpleCommand command)
    {
        List<string> words = new(command.Words.Count);
        foreach (Word word in command.Words) words.Add(word.Expand(shell.LastStatus));
        return words;
    }

    private static int Say(Output error, string line, int code = ExitCode.Failure)
    {
        error.WriteLine(line);
        error.Flush();
        return code;
    }
}

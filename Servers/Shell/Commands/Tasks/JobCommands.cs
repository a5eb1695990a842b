// Commands on programs that were started from a shell: run, jobs, wait.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Formatting;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Tasks;

public sealed class RunCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "run";
    public override string Usage => "run [--ro] [--mount DIR]... PROGRAM [ARGUMENT...] [&]";
    public override string Summary => "run a program; without one, list those of the boot archive";

    public override string Details =>
        """
        PROGRAM with a slash in it is a file: run /mnt/hello.elf, run ./hello.elf. It is a static
        ELF image as Shared/Runtime/Program.props makes it of a .NET console program. It is given
        the name space, the console, pipes and its three streams, and nothing else.
        --ro: it may read all files, and change none: "read-only", whatever it tries.
        --mount DIR (several times): of all files it sees those below DIR, at their usual paths, and
        has no way to others; what is mounted below DIR is not in it. Both go together, and programs
        of the boot archive lose their authority over tasks and the machine by either.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return List(context);
        using NarrowSpace space = new(context);
        Status status = space.Take(arguments, out int options, out string wrong);
        if (status == Status.BadArgument) return context.WrongUsage();
        if (status != Status.Ok) return context.Fail(wrong, status);
        if (options == arguments.Count) return context.WrongUsage();
        List<string> words = [.. arguments.Skip(options)];
        if (!ProgramFile.IsPath(words[0]))
            return Run(context, words, default, space.IsNarrow ? space : null);
        Result<Handle> loaded = ProgramFile.Load(context, words[0]);
        if (!loaded.IsOk) return Refuse(context, words[0], loaded.Status);
        int code = Run(context, words, loaded.Value, space);
        context.Services.Close(loaded.Value);
        return code;
    }

    private static int Run(
        CommandContext context, List<string> words, Handle program, NarrowSpace? space)
    {
        Carriers carriers = new(context.Shell);
        Result<Handle> input = carriers.From(context.Input);
        Result<Handle> error = input.IsOk ? carriers.To(context.Error) : input.Status;
        int code;
        if (error.IsOk)
        {
            Launch launch = new(
                words[0], program, space, words[1..], input.Value, error.Value, carriers);
            bool isDirect = context.Output.IsConsole || context.Output.Stream != Handle.None;
            code = isDirect ? RunDirect(context, launch) : RunThroughPipe(context, launch);
        }
        else
        {
            code = context.Fail("redirection", error.Status);
        }
        carriers.Wait();
        return code;
    }

    private sealed record Launch(
        string Image, Handle Program, NarrowSpace? Space, List<string> Arguments, Handle Input,
        Handle Error, Carriers Carriers)
    {
        public Result<JobStarted> Start(CommandContext context, Handle output)
        {
            Result<JobStarted> started = new Jobs(context.Shell).Start(
                Image, Arguments, Input, output, Error, Program, Space);
            Carriers.Release();
            return started;
        }
    }

    private static int List(CommandContext context)
    {
        Result<IReadOnlyList<ImageInfo>> images = context.Shell.Inspector.Programs();
        if (!images.IsOk) return context.Fail("programs", images.Status);
        Table table = new("PROGRAM", ">SIZE");
        foreach (ImageInfo image in images.Value)
        {
            table.Add(image.Name, Units.Size(image.LengthBytes));
        }
        foreach (string line in table.Lines()) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static int RunDirect(CommandContext context, Launch launch)
    {
        Result<JobStarted> job = launch.Start(context, Jobs.ForJob(context.Output));
        if (!job.IsOk) return Refuse(context, launch.Image, job.Status);
        return new Jobs(context.Shell).WaitForeground(job.Value, launch.Image, context.Error);
    }

    /// <summary>A file is no stream; the shell carries the bytes.</summary>
    private static int RunThroughPipe(CommandContext context, Launch launch)
    {
        Result<PipeEnds> pipe = context.Services.Pipes.Create();
        if (!pipe.IsOk) return context.Fail("pipe", pipe.Status);
        Handle reader = pipe.Value.Reader.Handle;
        Result<JobStarted> job = launch.Start(context, pipe.Value.Writer.Handle);
        context.Services.Close(pipe.Value.Writer.Handle);
        if (!job.IsOk)
        {
            context.Services.Close(reader);
            return Refuse(context, launch.Image, job.Status);
        }
        StreamInput input = new(context.Services, reader, StreamKind.Pipe);
        byte[] buffer = new byte[16 * 1024];
        while (!context.Output.IsBroken)
        {
            Result<int> read = input.Read(buffer);
            if (!read.IsOk || read.Value == 0) break;
            context.Output.Write(buffer.AsSpan(0, read.Value));
            // Whoever looks at the file sees what the program has said until now.
            context.Output.Flush();
        }
        context.Services.Close(reader);
        return new Jobs(context.Shell).WaitForeground(job.Value, launch.Image, context.Error);
    }

    private static int Refuse(CommandContext context, string image, Status status)
        => status switch
        {
            Status.NotFound when !ProgramFile.IsPath(image) =>
                context.Fail(image, "no such program (run lists them)"),
            _ => context.Fail(image, status),
        };
}

public sealed class JobsCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "jobs";
    public override string Usage => "jobs";
    public override string Summary => "list the jobs, also those of earlier shells";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        List<string> lines = [];
        Status status = TextPages.ReadLines(context.Services.Supervisor.ListJobs, lines);
        if (status != Status.Ok) return context.Fail("list", status);
        foreach (string line in lines) context.WriteLine(line);
        return ExitCode.Success;
    }
}

public sealed class WaitCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "wait";
    public override string Usage => "wait [JOB...]";
    public override string Summary => "wait for the end of jobs, or of all";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<uint> jobs = [];
        foreach (string argument in arguments)
        {
            if (!Units.TryNumber(argument.TrimStart('%'), out uint job))
            {
                return context.Fail(argument, "not a job number");
            }
            jobs.Add(job);
        }
        if (arguments.Count == 0)
        {
            List<string> lines = [];
            Status status = TextPages.ReadLines(context.Services.Supervisor.ListJobs, lines);
            if (status != Status.Ok) return context.Fail("list", status);
            foreach (string line in lines)
            {
                if (NumberOf(line) is { } job) jobs.Add(job);
            }
        }
        int code = ExitCode.Success;
        foreach (uint job in jobs)
        {
            code = WaitOne(context, job, arguments.Count == 0);
            if (code == ExitCode.Interrupted) break;
        }
        return code;
    }

    /// <summary>N of `[N] STATE PID COMMAND`.</summary>
    public static uint? NumberOf(string line)
    {
        int end = line.IndexOf(']');
        if (end < 2 || line[0] != '[') return null;
        return Units.TryNumber(line[1..end], out uint job) ? job : null;
    }

    private static int WaitOne(CommandContext context, uint job, bool mayBeGone)
    {
        context.Output.Flush();
        Result<JobEnded> ended = context.Services.Supervisor.WaitJob(job);
        if (ended.Status == Status.NotFound)
        {
            return mayBeGone ? ExitCode.Success : context.Fail($"{job}", "no such job");
        }
        if (!ended.IsOk) return context.Fail($"{job}", ended.Status);
        context.Services.Supervisor.ReapJob(job);
        return Jobs.CodeOf(ended.Value, $"job {job}", context.Error);
    }
}

// Carries bytes between files and the streams of a program: a pipe and a job that runs `cat`, each.
//
// Rules: a file is no stream, and only its own shell has it open. Release once the program is
// started, so that it alone holds its ends; Wait once it has ended, so that all it said is there.

using System;
using System.Collections.Generic;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public sealed class Carriers(ShellState shell)
{
    private readonly Jobs _jobs = new(shell);
    private readonly List<JobStarted> _started = [];
    private readonly List<Handle> _ends = [];

    /// <summary>What a program gets for an input; None is the console.</summary>
    public Result<Handle> From(Input input)
    {
        if (input is not FileInput file) return Jobs.ForJob(input);
        return Start(ends => _jobs.StartLine(
            $"cat {Quoted(file.Path)}", Handle.None, ends.Writer.Handle, Handle.None),
            static ends => (ends.Reader.Handle, ends.Writer.Handle));
    }

    /// <summary>What a program gets for an output; a file was cut already if need be.</summary>
    public Result<Handle> To(Output output)
    {
        if (output is not FileOutput file) return Jobs.ForJob(output);
        return Start(ends => _jobs.StartLine(
            $"cat >> {Quoted(file.Path)}", ends.Reader.Handle, Handle.None, Handle.None),
            static ends => (ends.Writer.Handle, ends.Reader.Handle));
    }

    public void Release()
    {
        foreach (Handle end in _ends) shell.Services.Close(end);
        _ends.Clear();
    }

    public void Wait()
    {
        Release();
        foreach (JobStarted job in _started)
        {
            shell.Services.Supervisor.WaitJob(job.Job);
            shell.Services.Supervisor.ReapJob(job.Job);
        }
        _started.Clear();
    }

    private Result<Handle> Start(
        Func<PipeEnds, Result<JobStarted>> start,
        Func<PipeEnds, (Handle Kept, Handle Given)> sort)
    {
        Result<PipeEnds> pipe = shell.Services.Pipes.Create();
        if (!pipe.IsOk) return pipe.Status;
        (Handle kept, Handle given) = sort(pipe.Value);
        Result<JobStarted> started = start(pipe.Value);
        shell.Services.Close(given);
        if (!started.IsOk)
        {
            shell.Services.Close(kept);
            return started.Status;
        }
        _started.Add(started.Value);
        _ends.Add(kept);
        return kept;
    }

    /// <summary>As one word of the shell's language, whatever is in it.</summary>
    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''")}'";
}

// Sets up one case of the founding experiment with the guest program `pin`.
//
// Rules: the program does what a client can do; stopping it, leaving it uncollected and hanging its
// server are done from here. What was started is listed, so that a demonstration can end it.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Pins;

public sealed class PinSetup(ShellState shell)
{
    private const string Image = "pin";
    /// <summary>Tells the supervisor to leave the exit record alone.</summary>
    private const string Unreaped = "--unreaped";
    private const string Ready = "ready\n";
    private const int MaxAnswerBytes = 256;

    private readonly Jobs _jobs = new(shell);
    private readonly List<JobStarted> _started = [];

    public static IReadOnlyList<string> Cases { get; } =
        ["zombie", "stopped", "thread", "inflight", "reader"];

    public IReadOnlyList<JobStarted> Started => _started;

    /// <summary>What was set up, one line for each process; or why it could not be.</summary>
    public string Description { get; private set; } = "";

    /// <summary>True when the case stands.</summary>
    public bool SetUp(string name, string directory) => name switch
    {
        "zombie" => SetUpZombie(directory),
        "stopped" => StartStopped(
            "stopped", directory, "is stopped with directory and file of {0} open"),
        "thread" => Start(
            "thread", directory,
            "has lost its main thread; another lives, with directory and file of {0} open"),
        "inflight" => StartStopped(
            "inflight-stopped", directory,
            "is stopped; a file of {0} is in its message, which nobody receives")
            && Start(
                "inflight-thread", directory,
                "has lost its main thread; a file of {0} is in its message, which nobody receives"),
        "reader" => SetUpReader(directory),
        _ => Refuse("unknown case"),
    };

    /// <summary>Ends what was started.</summary>
    public void CleanUp()
    {
        foreach (JobStarted job in _started)
        {
            shell.Services.Supervisor.Kill(Units.Number(job.Process));
            shell.Services.Supervisor.ReapJob(job.Job);
        }
        _started.Clear();
    }

    /// <summary>NAME of the server of the mount that a path lies on, or null.</summary>
    public static string? ServerOf(IServices services, string path)
    {
        List<string> lines = [];
        if (MountList.Lines(services, lines) != Status.Ok) return null;
        string? server = null;
        int longest = 0;
        foreach (string line in lines)
        {
            string target = MountList.TargetOf(line);
            if (!PathName.IsWithin(path, target) || target.Length < longest) continue;
            longest = target.Length;
            server = MountList.ServerOf(line);
        }
        return server;
    }

    private bool SetUpZombie(string directory)
    {
        Result<JobStarted> job = StartReady([Unreaped, "zombie", directory], Handle.None);
        if (!job.IsOk) return false;
        Result<JobEnded> ended = shell.Services.Supervisor.WaitJob(job.Value.Job);
        if (!ended.IsOk) return Refuse(StatusText.Of(ended.Status));
        if (ended.Value.Cause != DeathCause.Exit) return Refuse(StatusText.Of(ended.Value.Cause));
        Describe(job.Value, directory, "is a zombie; directory and file of {0} were its own");
        return true;
    }

    private bool StartStopped(string name, string directory, string what)
    {
        if (!Start(name, directory, what)) return false;
        Status status = shell.Services.Supervisor.Stop(Units.Number(_started[^1].Process));
        return status == Status.Ok || Refuse($"stop: {StatusText.Of(status)}");
    }

    private bool Start(string name, string directory, string what)
    {
        Result<JobStarted> job = StartReady([name, directory], Handle.None);
        if (!job.IsOk) return false;
        Describe(job.Value, directory, what);
        return true;
    }

    private bool SetUpReader(string directory)
    {
        string? server = ServerOf(shell.Services, directory);
        if (server is null) return Refuse("no mount");
        Result<PipeEnds> pipe = shell.Services.Pipes.Create();
        if (!pipe.IsOk) return Refuse(StatusText.Of(pipe.Status));
        Handle writer = pipe.Value.Writer.Handle;
        Result<JobStarted> job = StartReady(
            ["reader", directory], pipe.Value.Reader.Handle);
        shell.Services.Close(pipe.Value.Reader.Handle);
        if (!job.IsOk)
        {
            shell.Services.Close(writer);
            return false;
        }
        Status status = shell.Services.Supervisor.Inject(server, ControlBits.Hang);
        // The server hangs in the next request that it takes: this reader's.
        if (status == Status.Ok) status = shell.Services.Stream(writer).Write("!"u8);
        shell.Services.Close(writer);
        if (status != Status.Ok) return Refuse($"hang {server}: {StatusText.Of(status)}");
        Describe(job.Value, directory, $"reads from {{0}}, whose server {server} hangs");
        return true;
    }

    /// <summary>Starts the program, and waits until it says that its case stands.</summary>
    private Result<JobStarted> StartReady(string[] arguments, Handle input)
    {
        Result<PipeEnds> pipe = shell.Services.Pipes.Create();
        if (!pipe.IsOk) return Refused(pipe.Status);
        Handle reader = pipe.Value.Reader.Handle;
        Result<JobStarted> job = _jobs.Start(
            Image, arguments, input, pipe.Value.Writer.Handle, Handle.None);
        shell.Services.Close(pipe.Value.Writer.Handle);
        if (job.IsOk)
        {
            _started.Add(job.Value);
            string answer = ReadAnswer(reader);
            if (answer != Ready)
            {
                Refuse(answer.Length == 0 ? "the program has ended" : answer.TrimEnd());
                job = Status.Exited;
            }
        }
        else
        {
            Refuse(StatusText.Of(job.Status));
        }
        shell.Services.Close(reader);
        return job;
    }

    private string ReadAnswer(Handle reader)
    {
        StreamInput input = new(shell.Services, reader, StreamKind.Pipe);
        byte[] answer = new byte[MaxAnswerBytes];
        int used = 0;
        while (used < answer.Length && !answer.AsSpan(0, used).Contains((byte)'\n'))
        {
            Result<int> read = input.Read(answer.AsSpan(used));
            if (!read.IsOk || read.Value == 0) break;
            used += read.Value;
        }
        return Encoding.UTF8.GetString(answer, 0, used);
    }

    private void Describe(JobStarted job, string directory, string what)
    {
        if (Description.Length > 0) Description += "\n";
        Description += $"process {job.Process} " + string.Format(what, directory);
    }

    private Result<JobStarted> Refused(Status status)
    {
        Refuse(StatusText.Of(status));
        return status;
    }

    private bool Refuse(string reason)
    {
        Description = reason;
        return false;
    }
}

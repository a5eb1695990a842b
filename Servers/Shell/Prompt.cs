// The loop of an interactive shell: prompt, line, run.
//
// Rules: whatever comes from the console is answered with one line at most. The loop ends at Ctrl-D
// and `exit`, or when the console does not come back.

using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Unicode;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell;

public sealed class Prompt(ShellState shell, Func<Result<StandardStreams>> openStreams)
{
    private const int MaxLineBytes = Limits.MaxPathBytes;
    /// <summary>With the pauses between them, half a minute.</summary>
    private const int MaxFailures = 60;
    private const ulong PauseNs = 500_000_000;

    /// <summary>Runs before each line does; what it answers does not matter.</summary>
    public Func<Status>? BeforeLine { get; init; }

    private readonly byte[] _line = new byte[MaxLineBytes];
    private readonly Executor _executor = new(shell);
    private readonly Completion _completion = new(shell);

    /// <summary>Exit code of the shell.</summary>
    public int Run()
    {
        int failures = 0;
        bool isGreeted = false;
        while (failures < MaxFailures)
        {
            Result<StandardStreams> streams = openStreams();
            if (streams.IsOk)
            {
                if (!isGreeted) Greet(streams.Value.Output);
                isGreeted = true;
                int before = _linesRead;
                if (ReadLines(streams.Value) is { } code) return code;
                if (_linesRead > before) failures = 0;
            }
            failures++;
            shell.Services.Sleep(PauseNs);
        }
        return 1;
    }

    private int _linesRead;

    /// <summary>Null when the session is lost.</summary>
    private int? ReadLines(StandardStreams streams)
    {
        while (true)
        {
            Result<LineRead> read = shell.Services.Console.ReadLine(
                $"cosmos:{shell.Directory}$ ", _line);
            switch (read.Status)
            {
                case Status.Ok:
                    _linesRead++;
                    if (Take(read.Value, streams) is { } code) return code;
                    break;
                case Status.TooLarge:
                    _linesRead++;
                    Say(streams, "shell: line too long");
                    break;
                case Status.EndOfStream:
                    return 0;
                case Status.Interrupted:
                    shell.LastStatus = Commands.ExitCode.Interrupted;
                    break;
                // A Ctrl-C came as the line before ended; the console has not heard of this call.
                case Status.Cancelled:
                    break;
                default:
                    return null;
            }
        }
    }

    private int? Take(LineRead read, StandardStreams streams)
    {
        ReadOnlySpan<byte> bytes = _line.AsSpan(
            0, (int)Math.Min(read.LengthBytes, (uint)MaxLineBytes));
        if (!Utf8.IsValid(bytes))
        {
            if (read.Kind == LineKind.Line) Say(streams, "shell: line is not UTF-8");
            else shell.Services.Console.Complete(0, "");
            return null;
        }
        string line = Encoding.UTF8.GetString(bytes);
        if (read.Kind == LineKind.Complete)
        {
            (uint offset, string candidates) = _completion.Complete(line);
            shell.Services.Console.Complete(offset, candidates);
            return null;
        }
        if (line.AsSpan().Trim().Length > 0) shell.Remember(line);
        BeforeLine?.Invoke();
        shell.Interrupts.Begin();
        streams.Output.Mend();
        streams.Error.Mend();
        _executor.Run(line, streams);
        shell.Interrupts.End();
        return shell.ExitRequest;
    }

    private void Say(StandardStreams streams, string line)
    {
        shell.LastStatus = Commands.ExitCode.Failure;
        streams.Error.WriteLine(line);
        streams.Error.Flush();
    }

    private void Greet(Output output)
    {
        output.WriteLine("CosmosKernel: every module can die and be replaced. Type help.");
        List<string> lines = [];
        if (TextPages.ReadLines(shell.Services.Supervisor.ListJobs, lines) == Status.Ok)
        {
            if (lines.Count > 0) output.WriteLine("Jobs of earlier shells:");
            foreach (string line in lines) output.WriteLine(line);
        }
        output.Flush();
    }
}

// What a command is given: its streams, the shell's state, and the one way to report an error.

using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;

namespace Servers.Shell.Commands;

public sealed class CommandContext(
    ShellState shell, Command command, Input input, Output output, Output error)
{
    public ShellState Shell => shell;
    public IServices Services => shell.Services;
    public FileSpace Files => shell.Files;
    public Input Input => input;
    public Output Output => output;
    public Output Error => error;

    /// <summary>The canonical path that an argument means here.</summary>
    public string PathOf(string argument) => PathName.Canonical(shell.Directory, argument);

    /// <summary>True when going on makes no sense: Ctrl-C, or nobody takes the output.</summary>
    public bool IsStopped => output.IsBroken || shell.Interrupts.Count > 0;

    public void WriteLine(string text) => output.WriteLine(text);

    public int Fail(string reason) => Report($"{command.Name}: {reason}", ExitCode.Failure);

    public int Fail(string what, string reason)
        => Report($"{command.Name}: {what}: {reason}", ExitCode.Failure);

    /// <summary>Says what a failed call means, and whether its effect may be there.</summary>
    public int Fail(string what, Status status)
    {
        string reason = StatusText.EndsWithoutReply(status)
            ? StatusText.Of(status, shell.Services.LastOutcome)
            : StatusText.Of(status);
        int code = status is Status.Cancelled or Status.Interrupted
            ? ExitCode.Interrupted
            : ExitCode.Failure;
        return Report($"{command.Name}: {what}: {reason}", code);
    }

    public int WrongUsage() => Report(
        $"{command.Name}: usage: {command.Usage}", ExitCode.Usage);

    public int WrongOption(string option) => Report(
        $"{command.Name}: {option}: unknown option (usage: {command.Usage})", ExitCode.Usage);

    private int Report(string line, int code)
    {
        // What the command has said so far stands before the error, as it happened.
        output.Flush();
        error.WriteLine(line);
        error.Flush();
        return code;
    }
}

/// <summary>Options of one letter, and the rest; "--" ends the options.</summary>
public sealed class Options
{
    private readonly HashSet<char> _set = [];

    public List<string> Operands { get; } = [];

    /// <summary>The first option that is not allowed, or null.</summary>
    public string? Unknown { get; private set; }

    public bool Has(char option) => _set.Contains(option);

    public static Options Of(IReadOnlyList<string> arguments, string allowed)
    {
        Options options = new();
        bool isEnded = false;
        foreach (string argument in arguments)
        {
            bool isOperand = isEnded || argument.Length < 2 || argument[0] != '-';
            if (isOperand) options.Operands.Add(argument);
            else if (argument == "--") isEnded = true;
            else options.Take(argument, allowed);
        }
        return options;
    }

    private void Take(string argument, string allowed)
    {
        foreach (char letter in argument[1..])
        {
            if (allowed.Contains(letter)) _set.Add(letter);
            else Unknown ??= argument;
        }
    }
}

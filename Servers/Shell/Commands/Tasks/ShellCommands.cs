// Commands on the shell itself: help, sleep, true, false, clear, history, exit.

using System;
using System.Collections.Generic;
using Servers.Shell.Formatting;
using Shared.Abi;

namespace Servers.Shell.Commands.Tasks;

public sealed class HelpCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "help";
    public override string Usage => "help [COMMAND]";
    public override string Summary => "list the commands, or explain one";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1) return context.WrongUsage();
        if (arguments.Count == 1) return Explain(context, arguments[0]);
        foreach (CommandGroup group in Enum.GetValues<CommandGroup>())
        {
            context.WriteLine($"{NameOf(group)}:");
            foreach (Command command in context.Shell.Commands.All)
            {
                if (command.Group != group) continue;
                context.WriteLine($"  {command.Usage,-34}  {command.Summary}");
            }
        }
        context.WriteLine("Joined by ; && || | &, with > >> < 2> \"quotes\" # comments and $?.");
        return ExitCode.Success;
    }

    private static int Explain(CommandContext context, string name)
    {
        Command? command = context.Shell.Commands.Find(name);
        if (command is null) return context.Fail(name, "no such command");
        context.WriteLine($"{command.Usage}");
        context.WriteLine($"  {command.Summary}.");
        foreach (string line in command.Details.Split('\n'))
        {
            if (line.Length > 0) context.WriteLine($"  {line.TrimEnd('\r')}");
        }
        return ExitCode.Success;
    }

    private static string NameOf(CommandGroup group) => group switch
    {
        CommandGroup.Files => "files",
        CommandGroup.Mounts => "mounts",
        CommandGroup.Tasks => "tasks",
        CommandGroup.Pins => "the founding experiment",
        _ => "shell",
    };
}

public sealed class SleepCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "sleep";
    public override string Usage => "sleep SECONDS";
    public override string Summary => "do nothing for a while";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        if (!Units.TrySeconds(arguments[0], out ulong nanoseconds))
        {
            return context.Fail(arguments[0], "not a number of seconds");
        }
        context.Output.Flush();
        Status status = context.Services.Sleep(nanoseconds);
        return status switch
        {
            Status.Ok => ExitCode.Success,
            Status.Cancelled => ExitCode.Interrupted,
            _ => context.Fail(arguments[0], status),
        };
    }
}

public sealed class TrueCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "true";
    public override string Usage => "true";
    public override string Summary => "succeed";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
        => ExitCode.Success;
}

public sealed class FalseCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "false";
    public override string Usage => "false";
    public override string Summary => "fail";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
        => ExitCode.Failure;
}

public sealed class ClearCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "clear";
    public override string Usage => "clear";
    public override string Summary => "clear the screen";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        context.Output.Write("\u001b[H\u001b[2J");
        return ExitCode.Success;
    }
}

public sealed class HistoryCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "history";
    public override string Usage => "history";
    public override string Summary => "list the last lines";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        int number = 0;
        foreach (string line in context.Shell.History) context.WriteLine($"{++number,4}  {line}");
        return ExitCode.Success;
    }
}

public sealed class ExitCommand : Command
{
    public override CommandGroup Group => CommandGroup.Shell;
    public override string Name => "exit";
    public override string Usage => "exit [CODE]";
    public override string Summary => "end this shell; the supervisor starts the next";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1) return context.WrongUsage();
        uint code = (uint)context.Shell.LastStatus & 0xFF;
        if (arguments.Count == 1 && (!Units.TryNumber(arguments[0], out code) || code > 255))
        {
            return context.Fail(arguments[0], "not a code from 0 to 255");
        }
        context.Shell.ExitRequest = (int)code;
        return (int)code;
    }
}

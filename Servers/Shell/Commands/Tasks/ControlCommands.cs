// Commands that do something to a task, all through the supervisor: kill, stop, cont, restart.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Tasks;

/// <summary>A command on tasks that are named by name or process id.</summary>
public abstract class ControlCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in arguments)
        {
            if (name.StartsWith('-')) return context.WrongOption(name);
            Status status = Control(context.Services.Supervisor, name);
            if (status == Status.Ok) continue;
            code = status == Status.NotFound
                ? context.Fail(name, "no such task")
                : context.Fail(name, status);
        }
        return code;
    }

    protected abstract Status Control(ISupervisor supervisor, string name);
}

public sealed class KillCommand : ControlCommand
{
    public override string Name => "kill";
    public override string Usage => "kill NAME|PID...";
    public override string Summary => "end tasks at once; none can refuse or delay it";

    protected override Status Control(ISupervisor supervisor, string name)
        => supervisor.Kill(name);
}

public sealed class StopCommand : ControlCommand
{
    public override string Name => "stop";
    public override string Usage => "stop NAME|PID...";
    public override string Summary => "stop tasks until `cont`";

    protected override Status Control(ISupervisor supervisor, string name)
        => supervisor.Stop(name);
}

public sealed class ContinueCommand : ControlCommand
{
    public override string Name => "cont";
    public override string Usage => "cont NAME|PID...";
    public override string Summary => "let stopped tasks go on";

    protected override Status Control(ISupervisor supervisor, string name)
        => supervisor.Continue(name);
}

public sealed class RestartCommand : ControlCommand
{
    public override string Name => "restart";
    public override string Usage => "restart NAME...";
    public override string Summary => "replace servers by their next incarnation";

    protected override Status Control(ISupervisor supervisor, string name)
        => supervisor.Restart(name);
}

public sealed class UpgradeCommand : Command
{
    public override string Name => "upgrade";
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Usage => "upgrade NAME IMAGE";
    public override string Summary => "replace a server by another image, under open files";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 2) return context.WrongUsage();
        string name = arguments[0];
        Status status = context.Services.Supervisor.Upgrade(name, arguments[1]);
        return status switch
        {
            Status.Ok => ExitCode.Success,
            Status.NotFound => context.Fail(name, "no such task"),
            Status.BadImage => context.Fail(arguments[1], "no such image"),
            Status.WrongType => context.Fail(arguments[1], $"no version of what {name} runs"),
            _ => context.Fail(name, status),
        };
    }
}

// All commands by name.

using System;
using System.Collections.Generic;
using Servers.Shell.Commands.Files;
using Servers.Shell.Commands.Mounts;
using Servers.Shell.Commands.Pins;
using Servers.Shell.Commands.Tasks;

namespace Servers.Shell.Commands;

public sealed class CommandTable
{
    private readonly SortedDictionary<string, Command> _commands = new(StringComparer.Ordinal);

    public CommandTable(IEnumerable<Command> commands)
    {
        foreach (Command command in commands) _commands.Add(command.Name, command);
    }

    public IReadOnlyCollection<Command> All => _commands.Values;

    public Command? Find(string name) => _commands.GetValueOrDefault(name);

    public static CommandTable Standard() => new(
    [
        .. FileCommands.All(),
        .. MountCommands.All(),
        .. TaskCommands.All(),
        .. PinCommands.All(),
    ]);
}

// What a shell knows between commands. One per process, used by its main thread only.

using System.Collections.Generic;
using Servers.Shell.Commands;
using Servers.Shell.Files;
using Servers.Shell.Services;

namespace Servers.Shell.Running;

public sealed class ShellState(IServices services, CommandTable commands, string directory)
{
    private const int MaxHistory = 100;

    private readonly List<string> _history = [];

    public IServices Services { get; } = services;
    public FileSpace Files { get; } = new(services);
    public Inspector Inspector { get; } = new(services);
    public CommandTable Commands { get; } = commands;
    public IReadOnlyList<string> History => _history;

    /// <summary>Canonical path of the working directory.</summary>
    public string Directory { get; set; } = directory;

    /// <summary>What `$?` stands for.</summary>
    public int LastStatus { get; set; }

    /// <summary>Set by `exit`; the loop ends after the line.</summary>
    public int? ExitRequest { get; set; }

    /// <summary>Whether somebody types the lines; jobs are then announced.</summary>
    public bool IsInteractive { get; init; }

    public IInterrupts Interrupts { get; init; } = new NoInterrupts();

    public void Remember(string line)
    {
        if (_history.Count == MaxHistory) _history.RemoveAt(0);
        _history.Add(line);
    }
}

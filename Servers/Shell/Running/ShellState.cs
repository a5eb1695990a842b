// What a shell knows between commands. One per process, used by its main thread only.
//
// A shell that has a vault goes on where the one before was, and writes every change there.

using System.Collections.Generic;
using Servers.Shell.Commands;
using Servers.Shell.Files;
using Servers.Shell.Services;

namespace Servers.Shell.Running;

public sealed class ShellState
{
    private readonly List<string> _history = [];
    private readonly ShellVault? _vault;
    private string _directory;
    private int _lastStatus;
    private int? _exitRequest;

    public ShellState(
        IServices services, CommandTable commands, string directory, ShellVault? vault = null)
    {
        Services = services;
        Files = new FileSpace(services);
        Inspector = new Inspector(services);
        Commands = commands;
        _directory = directory;
        if (vault is null) return;
        _vault = vault;
        _history.AddRange(vault.Lines);
        if (!vault.TryGetPlace(out string place, out int lastStatus)) return;
        _directory = place;
        _lastStatus = lastStatus;
    }

    public IServices Services { get; }
    public FileSpace Files { get; }
    public Inspector Inspector { get; }
    public CommandTable Commands { get; }
    public IReadOnlyList<string> History => _history;

    /// <summary>Canonical path of the working directory.</summary>
    public string Directory
    {
        get => _directory;
        set
        {
            _directory = value;
            _vault?.SetPlace(_directory, _lastStatus);
        }
    }

    /// <summary>What `$?` stands for.</summary>
    public int LastStatus
    {
        get => _lastStatus;
        set
        {
            _lastStatus = value;
            if (_exitRequest is null) _vault?.SetPlace(_directory, _lastStatus);
        }
    }

    /// <summary>Set by `exit`; the loop ends after the line.</summary>
    public int? ExitRequest
    {
        get => _exitRequest;
        set
        {
            _exitRequest = value;
            _vault?.ForgetPlace();
        }
    }

    /// <summary>Whether somebody types the lines; jobs are then announced.</summary>
    public bool IsInteractive { get; init; }

    public IInterrupts Interrupts { get; init; } = new NoInterrupts();

    public void Remember(string line)
    {
        if (_history.Count == ShellVault.MaxLines) _history.RemoveAt(0);
        _history.Add(line);
        _vault?.AddLine(line);
    }
}

// The tasks that are restarted when they die: servers, mounts, the shell.
//
// Rules: names are unique; a task without a process keeps its row; the order is the order of
// start, and `servers` prints it.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

public sealed class TaskTable
{
    /// <summary>More than this many tasks of all kinds is QuotaExceeded.</summary>
    public const int Capacity = 128;

    private readonly List<ServerTask> _tasks = [];

    /// <summary>Until the next change of the table.</summary>
    public ReadOnlySpan<ServerTask> All => CollectionsMarshal.AsSpan(_tasks);

    public Status Add(ServerTask task)
    {
        if (Find(task.Name) is not null) return Status.AlreadyExists;
        if (_tasks.Count == Capacity) return Status.QuotaExceeded;
        _tasks.Add(task);
        return Status.Ok;
    }

    public void Remove(ServerTask task) => _tasks.Remove(task);

    /// <summary>By name as given, by name as `ps` shows it (cut), or by process id.</summary>
    public ServerTask? Find(string name)
    {
        foreach (ServerTask task in _tasks)
        {
            if (task.Name == name || ProcessNames.Cut(task.Name) == name) return task;
        }
        return ProcessNames.Id(name) is { } id ? Find(id) : null;
    }

    public ServerTask? Find(ProcessId process)
    {
        foreach (ServerTask task in _tasks)
        {
            if (task.IsAlive && task.ProcessId == process) return task;
        }
        return null;
    }
}

/// <summary>Names and ids as users type them.</summary>
public static class ProcessNames
{
    /// <summary>What fits into a ProcessSpec, cut between characters.</summary>
    public static string Cut(string name)
    {
        while (Encoding.UTF8.GetByteCount(name) > ProcessSpec.MaxNameBytes - 1)
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }
        return name;
    }

    public static ProcessId? Id(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            ? new ProcessId(value)
            : null;
}

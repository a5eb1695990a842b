// What a task was started with: capabilities by name, arguments, environment, log, clock.
//
// Made once, by TaskMain in the guest and by tests on the host; handed down, never static.

using System;
using System.Collections.Generic;
using System.Globalization;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Tasks;

namespace Shared.Sdk;

/// <summary>Capabilities come as environment variables CAP_name=hex.</summary>
public sealed class TaskContext
{
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly LogClient? _log;

    public TaskContext(
        IKernel kernel, string programName, IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment)
    {
        Kernel = kernel;
        ProgramName = programName;
        Arguments = arguments;
        _environment = environment;
        Handle log = Find("log");
        _log = log.IsNone ? null : new LogClient(kernel, log);
    }

    public IKernel Kernel { get; }

    /// <summary>The first string of the start block.</summary>
    public string ProgramName { get; }

    /// <summary>Of a server: when it says that it is ready.</summary>
    public ReadyMoment Ready { get; init; }

    /// <summary>The strings after the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public ulong NowNs => Kernel.ClockNow();

    /// <summary>The capability of this name, or Handle.None.</summary>
    public Handle Find(string name)
    {
        bool isThere = ulong.TryParse(
            Environment("CAP_" + name), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong value);
        return isThere ? new Handle(value) : Handle.None;
    }

    /// <summary>The capability of this name; the task cannot work without it.</summary>
    public Handle Claim(string name)
    {
        Handle handle = Find(name);
        if (!handle.IsNone) return handle;
        throw new InvalidOperationException($"capability '{name}' was not given to this task");
    }

    public string? Environment(string name) => _environment.GetValueOrDefault(name);

    /// <summary>One line of the kernel log; nothing happens without the capability.</summary>
    public void Log(string line) => _log?.Write(line);
}

// A command of the shell. `help` is made from these, so that it cannot be out of date.
//
// Rules: Run reports what is wrong on the context's error output and answers an exit code; it does
// not throw. A command keeps no state between runs.

using System.Collections.Generic;

namespace Servers.Shell.Commands;

public enum CommandGroup { Files, Mounts, Tasks, Pins, Shell }

public abstract class Command
{
    public abstract CommandGroup Group { get; }
    public abstract string Name { get; }

    /// <summary>The name and its arguments: <c>mv SOURCE TARGET</c>.</summary>
    public abstract string Usage { get; }

    /// <summary>One line, without a full stop.</summary>
    public abstract string Summary { get; }

    /// <summary>More lines for `help NAME`, or empty.</summary>
    public virtual string Details => "";

    public abstract int Run(CommandContext context, IReadOnlyList<string> arguments);
}

public static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 127;
    public const int Interrupted = 130;
    /// <summary>
    /// A job that the runtime has aborted, after an exception that nobody caught: as on Linux.
    /// </summary>
    public const int Aborted = 134;
    /// <summary>A job that did not end by itself: this plus its DeathCause.</summary>
    public const int DeathFirst = 128;
}

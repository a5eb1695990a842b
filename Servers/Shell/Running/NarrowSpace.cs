// How much of the files a program sees: `run --ro`, `run --mount DIR`.
//
// Rules: the directories are opened with the shell's authority, once; the program gets what was
// opened and no way beyond it. Whoever parses the options disposes what it got.

using System;
using System.Collections.Generic;
using Servers.Shell.Commands;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public sealed class NarrowSpace(CommandContext context) : IDisposable
{
    private const string ReadOnlyOption = "--ro", MountOption = "--mount";
    /// <summary>Sets that a dying supervisor has forgotten, one after the other.</summary>
    private const int MaxAttempts = 4;

    private readonly List<(string Path, Handle Directory)> _directories = [];

    public NameSpaceAccess Access { get; private set; } = NameSpaceAccess.Full;

    /// <summary>False: the program is to have all that such a program may have.</summary>
    public bool IsNarrow => Access != NameSpaceAccess.Full || _directories.Count != 0;

    /// <summary>Whether a line's words after `run` ask for any of this.</summary>
    public static bool IsOption(string word) => word is ReadOnlyOption or MountOption;

    /// <summary>
    /// Takes the options off the arguments. BadArgument: one has no directory; otherwise what is
    /// wrong with the directory.
    /// </summary>
    public Status Take(IReadOnlyList<string> arguments, out int count, out string wrong)
    {
        wrong = "";
        for (count = 0; count < arguments.Count && IsOption(arguments[count]); count++)
        {
            if (arguments[count] == ReadOnlyOption)
            {
                Access = NameSpaceAccess.ReadOnly;
                continue;
            }
            wrong = arguments[count];
            if (++count == arguments.Count) return Status.BadArgument;
            wrong = arguments[count];
            Status status = Open(context.PathOf(wrong));
            if (status != Status.Ok) return status;
        }
        return Status.Ok;
    }

    /// <summary>Starts it with the directories, as often as a supervisor forgets them.</summary>
    public Result<JobStarted> Start(Func<ulong, Result<JobStarted>> start)
    {
        Result<JobStarted> started = Status.NotMounted;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            Result<ulong> set = Bring();
            started = set.IsOk ? start(set.Value) : set.Status;
            if (started.Status != Status.NotMounted) break;
        }
        return started;
    }

    public void Dispose()
    {
        foreach ((_, Handle directory) in _directories) context.Services.Close(directory);
        _directories.Clear();
    }

    private Status Open(string path)
    {
        if (_directories.Exists(one => one.Path == path)) return Status.Ok;
        Result<Capability> opened = context.Files.OpenDirectory(path);
        if (opened.IsOk) _directories.Add((path, opened.Value.Handle));
        return opened.Status;
    }

    /// <summary>The number of the set; 0 without directories.</summary>
    private Result<ulong> Bring()
    {
        ulong set = 0;
        foreach ((string path, Handle directory) in _directories)
        {
            Result<ulong> brought = context.Services.Supervisor.Bring(
                set, path, new Capability(directory));
            if (!brought.IsOk) return brought;
            set = brought.Value;
        }
        return set;
    }
}

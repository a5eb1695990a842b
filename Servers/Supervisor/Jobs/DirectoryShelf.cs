// Directories that a shell has brought for a program that it is about to start.
//
// Rules: they lie in this process alone, and in no vault: a supervisor that dies forgets them, and
// a program that was to have them is refused. It is never started with more than it should have.
// A set's number is a time, so that no other incarnation has given it to anybody else.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;

namespace Servers.Supervisor.Jobs;

/// <summary>One directory, and the path at which the program sees it.</summary>
public readonly record struct BroughtDirectory(string Path, Handle Directory);

public sealed class DirectoryShelf(IKernel kernel)
{
    /// <summary>Sets that wait for their programs; the oldest goes when there are more.</summary>
    private const int MaxSets = 8;

    private readonly List<(ulong Number, List<BroughtDirectory> Directories)> _sets = [];
    private ulong _lastNumber;

    /// <summary>
    /// Into the set of the number, or into a new one for 0; answers its number. NotMounted: the
    /// set is forgotten. The handle is the shelf's if it is Ok.
    /// </summary>
    public Result<ulong> Add(ulong number, string path, Handle directory)
    {
        Status status = PathRules.CheckAbsolute(path);
        if (status != Status.Ok) return status;
        if (directory.IsNone) return Status.BadArgument;
        if (number == 0) number = Begin();
        if (Find(number) is not { } set) return Status.NotMounted;
        // The same request again, after a death that was not the supervisor's.
        if (set.Exists(one => one.Path == path)) return Status.AlreadyExists;
        if (set.Count == Limits.DirectoriesOfProgram) return Status.QuotaExceeded;
        set.Add(new BroughtDirectory(path, directory));
        return number;
    }

    /// <summary>Null: forgotten.</summary>
    public List<BroughtDirectory>? Find(ulong number)
    {
        foreach ((ulong one, List<BroughtDirectory> directories) in _sets)
        {
            if (one == number) return directories;
        }
        return null;
    }

    /// <summary>The program has them, or will not be started.</summary>
    public void Drop(ulong number)
    {
        if (Find(number) is not { } set) return;
        foreach (BroughtDirectory one in set) kernel.Close(one.Directory);
        _sets.RemoveAll(one => one.Number == number);
    }

    private ulong Begin()
    {
        if (_sets.Count == MaxSets) Drop(_sets[0].Number);
        _lastNumber = Math.Max(_lastNumber + 1, kernel.ClockNow());
        _sets.Add((_lastNumber, []));
        return _lastNumber;
    }
}

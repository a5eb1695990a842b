// The directories that a program has instead of the name space: run --mount DIR.
//
// The start block names each: dirN=PATH, and CAP_dirN for its capability. This only finds the one
// for a path; that there is no way to anything else is the capabilities' doing.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;

namespace Shared.Sdk.Files;

public sealed class GivenDirectories
{
    private readonly List<(CanonicalPath Path, Handle Directory)> _directories = [];

    private GivenDirectories()
    {
    }

    /// <summary>Null: the program was given none, but the name space or nothing.</summary>
    public static GivenDirectories? Of(TaskContext context)
    {
        GivenDirectories given = new();
        while (context.Environment(NameOf(given._directories.Count)) is { } text)
        {
            Handle directory = context.Find(NameOf(given._directories.Count));
            given._directories.Add((CanonicalPath.Parse(text).Value, directory));
        }
        return given._directories.Count == 0 ? null : given;
    }

    /// <summary>Of the Nth directory, for its capability and its path.</summary>
    public static string NameOf(int number) => $"dir{number}";

    /// <summary>
    /// The innermost one that the path lies in, and the rest of the path. Its number stands for a
    /// mount's: nothing is moved from one to another.
    /// </summary>
    public Result<FileApi.Place> Resolve(CanonicalPath path)
    {
        int best = -1;
        for (int number = 0; number < _directories.Count; number++)
        {
            if (!path.IsWithin(_directories[number].Path)) continue;
            if (best >= 0 && _directories[best].Path.IsWithin(_directories[number].Path)) continue;
            best = number;
        }
        if (best < 0) return Status.NotFound;
        (CanonicalPath found, Handle directory) = _directories[best];
        int rest = PathRules.RestOffset(found.Text, path.Text);
        return new FileApi.Place(directory, path.Text, rest, uint.MaxValue - (uint)best);
    }
}

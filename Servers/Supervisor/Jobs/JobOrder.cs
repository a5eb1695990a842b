// What a shell says of a program that it wants to run.

using System.Collections.Generic;
using Servers.Supervisor.Launching;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Supervisor.Jobs;

/// <summary>
/// How much a program is given. Null in a JobOrder: all that programs of the archive have.
/// </summary>
/// <param name="Directories">A set of the shelf; 0: the whole name space.</param>
public readonly record struct Narrowing(NameSpaceAccess Access, ulong Directories);

public sealed record JobOrder(string Image, string Arguments, string Directory)
{
    /// <summary>The image's bytes; None: of the boot archive, by its name.</summary>
    public Handle Program { get; init; }
    public Narrowing? Narrowing { get; init; }
    public IReadOnlyList<Grant> Streams { get; init; } = [];

    /// <summary>A list of what the table says that such a program gets.</summary>
    public TaskSpec Spec => Narrowing switch
    {
        null => SystemTable.Program,
        { Directories: not 0 } => SystemTable.ConfinedProgram,
        { Access: NameSpaceAccess.ReadOnly } => SystemTable.ReadingProgram,
        _ => SystemTable.FileProgram,
    };
}

// One attack: what it does, and how its process must end.

using System;
using Shared.Sdk;

namespace Tests.Guest.Attack;

internal enum Ending
{
    /// <summary>It was refused and exits with 0.</summary>
    Lives,
    /// <summary>It is killed for it.</summary>
    Dies,
    /// <summary>Either is right; the kernel must not mind.</summary>
    Either,
    /// <summary>It runs for ever, until the driver kills it.</summary>
    Loops,
}

internal sealed record AttackCase(string Name, Ending Ending, Func<TaskContext, int> Run);

// Who is in which trouble, and on which of a machine's clocks a test plays it.

using System.Collections.Generic;
using Servers.Supervisor.Mounts.Contract;

namespace Tests.Boot.Contract;

public readonly record struct Trouble(Party Party, Condition Condition)
{
    /// <summary>With time as it goes by: a loop takes as long as it takes.</summary>
    public static readonly IReadOnlyList<Trouble> OfLoops =
    [
        new(Party.FileServer, Condition.Looping), new(Party.Vfs, Condition.Looping),
        new(Party.Supervisor, Condition.Looping),
    ];

    /// <summary>
    /// Where everybody waits. The machine counts instructions and skips what it idles away, so that
    /// seconds of waiting take no time.
    /// </summary>
    public static readonly IReadOnlyList<Trouble> OfWaiting =
    [
        new(Party.FileServer, Condition.Alive),
        new(Party.FileServer, Condition.Crashed), new(Party.FileServer, Condition.Hung),
        new(Party.Vfs, Condition.Crashed), new(Party.Vfs, Condition.Hung),
        new(Party.Supervisor, Condition.Crashed), new(Party.Supervisor, Condition.Hung),
        new(Party.FileServer, Condition.Upgrading), new(Party.Vfs, Condition.Upgrading),
        new(Party.Supervisor, Condition.Upgrading),
    ];
}

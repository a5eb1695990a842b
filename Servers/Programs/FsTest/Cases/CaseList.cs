// All cases by name.

using System.Collections.Generic;
using System.Runtime.Versioning;

namespace Servers.Programs.FsTest.Cases;

public static class CaseList
{
    /// <summary>What is so on every system.</summary>
    public static IEnumerable<Case> Everywhere() =>
    [
        .. ContentCases.All(), .. StreamCases.All(), .. ShareCases.All(), .. DirectoryCases.All(),
        .. MoveCases.All(), .. InfoCases.All(), .. ErrorCases.All(), .. AsyncCases.All(),
        .. RuntimeCases.All(), .. ModelCases.All(),
    ];

    /// <summary>And what is so here: no links, no permission bits, no mapped files.</summary>
    [SupportedOSPlatform("linux")]
    public static IEnumerable<Case> ForGuest() => [.. Everywhere(), .. GuestCases.All()];
}

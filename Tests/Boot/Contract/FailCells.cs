// Mounts whose callers are told at once that the server has died.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

public sealed class FailCells() : MachineCells(OnDeath.Fail, Trouble.OfServers)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Fail, Trouble.OfServers);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

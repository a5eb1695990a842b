// Mounts whose callers wait for the next incarnation.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

public sealed class HoldCells() : MachineCells(OnDeath.Hold, Trouble.OfServers)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Hold, Trouble.OfServers);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

// A server that loops, of mounts whose callers wait for the next incarnation.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

public sealed class HoldCells() : MachineCells(OnDeath.Hold, Trouble.OfLoops)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Hold, Trouble.OfLoops);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

// A server that loops, of mounts whose callers are told at once that the server has died.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

public sealed class FailCells() : MachineCells(OnDeath.Fail, Trouble.OfLoops)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Fail, Trouble.OfLoops);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

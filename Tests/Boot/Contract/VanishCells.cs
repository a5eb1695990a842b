// A server that loops, of mounts that go with their server.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

public sealed class VanishCells() : MachineCells(OnDeath.Vanish, Trouble.OfLoops)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Vanish, Trouble.OfLoops);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

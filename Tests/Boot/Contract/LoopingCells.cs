// A server, Vfs or the supervisor loops. Each cell takes as long as it takes to find that out, so
// the normal run leaves them to the simulation, and `build.cs soak` plays them: one machine at a
// time, for its bounds are those of a processor that nobody else takes. Each action has a machine
// of its own: a server that hangs more often in half a minute is held back, which is another row.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;
using Tests.Rig;

namespace Tests.Boot.Contract;

public abstract class LoopingCells(OnDeath onDeath) : MachineCells(onDeath, Trouble.OfLoops)
{
    protected override IEnumerable<string> Runs => Enum.GetNames<MountAction>();

    protected static IEnumerable<TestCaseData> CellsOf(OnDeath onDeath) =>
        CellsOf(onDeath, Trouble.OfLoops);
}

[Category(TestRun.Long), NonParallelizable]
public sealed class HoldLoopingCells() : LoopingCells(OnDeath.Hold)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Hold);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

[Category(TestRun.Long), NonParallelizable]
public sealed class FailLoopingCells() : LoopingCells(OnDeath.Fail)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Fail);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

[Category(TestRun.Long), NonParallelizable]
public sealed class VanishLoopingCells() : LoopingCells(OnDeath.Vanish)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Vanish);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

// Cells in which all is well, or somebody has crashed, hangs or is being upgraded.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;
using Tests.Rig.Machine;

namespace Tests.Boot.Contract;

public abstract class WaitingCells(OnDeath onDeath) : MachineCells(onDeath, Trouble.OfWaiting)
{
    private readonly OtherImages _images =
        new(("memfs8", "memfs2"), ("memfs9", "contract"), ("vfs9", "contract"));

    protected override IMachineOptions Options =>
        _images.Apply(new QemuOptions { Clock = GuestClock.Instructions });

    [OneTimeTearDown]
    public void RemoveImages() => _images.Dispose();

    protected static IEnumerable<TestCaseData> CellsOf(OnDeath onDeath) =>
        CellsOf(onDeath, Trouble.OfWaiting);
}

public sealed class WaitingHoldCells() : WaitingCells(OnDeath.Hold)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Hold);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

public sealed class WaitingFailCells() : WaitingCells(OnDeath.Fail)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Fail);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

public sealed class WaitingVanishCells() : WaitingCells(OnDeath.Vanish)
{
    private static IEnumerable<TestCaseData> Cells() => CellsOf(OnDeath.Vanish);

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell) => RequireCell(cell);
}

// A slice of the reclaimer is short, whatever the dead have left.

using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed class SliceTests
{
    private const int Handles = 300;
    /// <summary>A slice has 20,000 instructions, and a badge costs seven hundred.</summary>
    private const int MostInSlice = 25;

    [Test]
    public void Slice_closes_few_handles_of_the_dead()
    {
        KernelBench bench = new();
        Process holder = bench.NewProcess("holder", Layer.Program, handleQuota: Handles);
        ulong endpoint = bench.Make(holder, SystemCall.EndpointCreate);
        for (ulong badge = 1; badge < Handles; badge++)
            bench.Make(holder, SystemCall.Mint, endpoint, (ulong)Rights.Call, badge);
        ProcessDeath.Kill(bench.Kernel, holder, DeathCause.Killed);
        int slices = 0;
        while (bench.Kernel.Reclaimer.HasWork)
        {
            int before = bench.Kernel.Capabilities.UsedCount;
            bench.Kernel.Reclaimer.RunSlice();
            int closed = before - bench.Kernel.Capabilities.UsedCount;
            Assert.That(closed, Is.AtMost(MostInSlice));
            slices++;
        }

        Assert.That(slices, Is.GreaterThan(Handles / MostInSlice));
    }
}

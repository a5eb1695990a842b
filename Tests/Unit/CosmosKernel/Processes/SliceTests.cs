// A slice of the reclaimer is short, whatever the dead have left.

using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using System;
using Tests.FakeMachine;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed class SliceTests
{
    private const int Handles = 500;

    /// <summary>
    /// A slice has 20,000 instructions. A handle takes a hundred; where its badge has to leave the
    /// treap of an endpoint that is vanished, seven hundred.
    /// </summary>
    [TestCase(OnDeath.Hold, 100)]
    [TestCase(OnDeath.Vanish, 25)]
    public void Slice_closes_few_handles_of_the_dead(OnDeath onDeath, int mostInSlice)
    {
        IpcScene scene = new(onDeath);
        KernelBench bench = scene.Bench;
        Process holder = bench.NewProcess("holder", Layer.Program, handleQuota: Handles);
        for (ulong badge = 1; badge < Handles; badge++)
            scene.MintFor(scene.Keeper, scene.KeeperEndpoint, holder, badge, Rights.Call);

        scene.BeginReceive();
        scene.KillServer();
        ProcessDeath.Kill(bench.Kernel, holder, DeathCause.Killed);
        int slices = CountSlices(bench, () => bench.Kernel.Capabilities.UsedCount, mostInSlice);
        Assert.That(slices, Is.GreaterThan(Handles / mostInSlice));
    }

    [Test]
    public void Slice_revokes_few_handles()
    {
        const int MostInSlice = 100;
        IpcScene scene = new();
        KernelBench bench = scene.Bench;
        scene.Keeper.HandleQuota = Handles * 2;
        ulong mount = bench.Make(
            scene.Keeper, SystemCall.Mint, scene.KeeperEndpoint, (ulong)Rights.All, 1);
        for (ulong badge = 2; badge < Handles; badge++)
            bench.Make(scene.Keeper, SystemCall.Mint, mount, (ulong)Rights.Call, badge);
        bench.Do(scene.Keeper, SystemCall.Revoke, mount);
        int slices = CountSlices(bench, () => bench.Kernel.Endpoints[0].References, MostInSlice);
        Assert.That(slices, Is.AtLeast(Handles / MostInSlice));
    }

    /// <summary>Until nothing is left to do; none takes more than that of what is left.</summary>
    private static int CountSlices(KernelBench bench, Func<int> left, int mostInSlice)
    {
        int slices = 0;
        for (; bench.Kernel.Reclaimer.HasWork; slices++)
        {
            int before = left();
            bench.Kernel.Reclaimer.RunSlice();
            Assert.That(before - left(), Is.AtMost(mostInSlice));
        }

        return slices;
    }

    /// <summary>However many: they are one free tree, taken apart as they are used.</summary>
    [Test]
    public void Badges_go_with_their_endpoint_at_once_and_are_used_again()
    {
        KernelBench bench = new();
        Process server = bench.NewProcess("server", Layer.Program, handleQuota: 100);
        for (int round = 0; round < 4; round++)
        {
            ulong endpoint = bench.Make(server, SystemCall.EndpointCreate, 0, Layer.Program.Value);
            for (ulong badge = 1; badge < 2 * Handles; badge++)
            {
                bench.Do(server, SystemCall.Close, bench.Make(
                    server, SystemCall.Mint, endpoint, (ulong)Rights.Call, badge * 7919 % 1009));
            }

            Assert.That(bench.Kernel.Badges.Count, Is.EqualTo(2 * Handles - 1));
            Assert.That(server.OwedBadges, Is.EqualTo(2 * Handles - 1));
            KernelAudit.Check(bench.Kernel);
            bench.Do(server, SystemCall.Close, endpoint);
            Assert.That(bench.Kernel.Reclaimer.HasWork, Is.False);
            Assert.That(bench.Kernel.Badges.Count, Is.Zero);
            Assert.That(server.OwedBadges, Is.Zero);
        }
    }
}

// FatFs dies at every store to its vault and at every call of its disk in turn; the next
// incarnation goes on over the same bytes.
//
// The client, whose request is delivered again, gets the answers that it gets without a death, and
// the volume is in the end what it is without one.

using System;
using NUnit.Framework;
using Servers.FatFs.Keeping;
using Servers.FatFs.Volumes;
using Shared.Fat;
using Shared.Sdk.Disks;
using Shared.Sdk.Vaults;
using Tests.Disks;
using Tests.Loopback;

namespace Tests.Unit.Servers.FatFs;

public sealed class FatDeathTests
{
    /// <summary>One run of the scenario, with deaths or without.</summary>
    private sealed class Run
    {
        private readonly HeapVaultMemory _vault = new(FatFsVault.VaultBytes);
        private readonly IDisk _disk;

        public Run(SparseDisk disk, Func<IVaultMemory, MortalMemory> mortal, int callsToLive = -1,
            bool isDone = false, int storesAfter = -1)
        {
            Volume = disk;
            _disk = disk;
            Memory = mortal(_vault);
            Disk = new MortalDisk(disk, callsToLive, isDone, () => new VaultDeath());
            FatMount mount = new(Disk, Memory);
            StoresAtStart = Memory.Stores;
            CallsAtStart = Disk.Calls;
            mount.Died = () =>
            {
                Deaths++;
                // The second incarnation may die, too: at a store that comes soon.
                mount.Spare = _vault;
                bool isAgain = Deaths == 1 && storesAfter >= 0;
                mount.Restart(_disk, isAgain ? new MortalMemory(_vault, storesAfter) : _vault);
            };
            Scenario = new FatScenario(mount);
            Scenario.Run();
            Dump = mount.Dump();
            mount.Idle();
        }

        public MortalMemory Memory { get; }
        public MortalDisk Disk { get; }
        public FatScenario Scenario { get; }
        public string Dump { get; }
        public SparseDisk Volume { get; }
        public int Deaths { get; private set; }
        public int StoresAtStart { get; }
        public int CallsAtStart { get; }
    }

    private static readonly SparseDisk s_empty = FatVolumes.Make(2_000_000, FatKind.Fat12, 1024);

    private static Run Calm() => new(s_empty.Copy(), vault => new MortalMemory(vault));

    // Every store, in as many shares as there are cases; each prints where it fails.
    [Test]
    public void Death_at_every_store_loses_nothing_and_repeats_nothing([Values] LastStore last)
    {
        Run calm = Calm();
        TestContext.Out.WriteLine($"{calm.Memory.Stores} stores, {calm.Disk.Calls} calls");
        Assert.That(calm.Memory.Stores, Is.GreaterThan(calm.StoresAtStart + 1500));
        // Most stores are of a log that one more of them tells nothing new: some of them will do.
        int each = last == LastStore.Done ? 3 : 1;
        for (int store = calm.StoresAtStart; store < calm.Memory.Stores; store += each)
        {
            Run run = new(
                s_empty.Copy(), vault => new MortalMemory(vault, store, last: last));
            RequireSame(run, calm, 1, $"store {store}");
        }
    }

    [Test]
    public void Death_of_the_next_incarnation_soon_after_loses_nothing_either()
    {
        const int seed = 20261128, runs = 300, soon = 400;
        Run calm = Calm();
        Random random = new(seed);
        for (int i = 0; i < runs; i++)
        {
            int store = random.Next(calm.StoresAtStart, calm.Memory.Stores);
            int after = random.Next(soon);
            Run run = new(
                s_empty.Copy(), vault => new MortalMemory(vault, store), storesAfter: after);
            RequireSame(run, calm, 1, $"seed {seed}: store {store}, then {after}");
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Death_at_every_call_of_the_disk_loses_nothing(bool isDone)
    {
        Run calm = Calm();
        Assert.That(calm.Disk.Calls, Is.GreaterThan(calm.CallsAtStart + 100));
        for (int call = calm.CallsAtStart; call < calm.Disk.Calls; call++)
        {
            Run run = new(s_empty.Copy(), vault => new MortalMemory(vault), call, isDone);
            RequireSame(run, calm, 1, $"call {call}");
        }
    }

    private static bool CopiesAreSame(SparseDisk disk)
    {
        byte[] boot = new byte[disk.Geometry.BlockBytes];
        disk.Read(0, boot);
        FatLayout layout = BootSector.Parse(boot, disk.Geometry, out string _)!;
        byte[] first = disk.ReadBytes(layout.FatStart, (int)layout.FatBytes);
        for (uint copy = 1; copy < layout.FatCount; copy++)
        {
            byte[] other = disk.ReadBytes(
                layout.FatStart + copy * layout.FatBytes, (int)layout.FatBytes);
            if (!first.AsSpan().SequenceEqual(other)) return false;
        }
        return true;
    }

    private static void RequireSame(Run run, Run calm, int deaths, string when)
    {
        Assert.That(run.Deaths, Is.AtLeast(deaths), when);
        Assert.That(run.Scenario.Transcript, Is.EqualTo(calm.Scenario.Transcript), when);
        Assert.That(run.Dump, Is.EqualTo(calm.Dump), when);
        Assert.That(VolumeReport.Of(run.Volume), Is.EqualTo(VolumeReport.Good), when);
        Assert.That(CopiesAreSame(run.Volume), Is.True, $"{when}: copies of the FAT differ");
    }
}

// Calls that change many pages do so in parts, and each part is short.

using System;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class PartTests : IDisposable
{
    private const ulong ManyPages = 900, ReadWrite = 3, Anonymous = 0x22, Fixed = 0x10;
    private const ulong DontNeed = 4;
    /// <summary>A page is fifteen steps, so no part has more of them.</summary>
    private const int PagesOfPart = Mappings.PartSteps / 15;
    private const int FewestParts = (int)ManyPages / PagesOfPart;

    private readonly MemoryBench _bench = new();
    private readonly Process _process;
    private readonly ulong _first;

    public PartTests()
    {
        _process = _bench.MakeProcess(quotaPages: 1400);
        _first = (ulong)Call(LinuxCall.Mmap, 0, ManyPages * MemoryBench.Page, ReadWrite, Anonymous);
        Touch();
    }

    public void Dispose() => _bench.Dispose();

    [Test]
    public void Unmap_of_many_pages_is_done_in_parts()
    {
        Assert.That(Call(LinuxCall.Munmap, _first, ManyPages * MemoryBench.Page), Is.Zero);
        AssertManyParts();
        Assert.That(_bench.TryWriteByte(_process, _first, 1), Is.False);
    }

    [Test]
    public void Map_over_many_pages_is_done_in_parts()
    {
        long mapped = Call(LinuxCall.Mmap,
            _first, ManyPages * MemoryBench.Page, ReadWrite, Anonymous | Fixed);
        Assert.That((ulong)mapped, Is.EqualTo(_first));
        AssertManyParts();
        AssertEmpty();
    }

    [Test]
    public void Advice_for_many_pages_is_followed_in_parts()
    {
        Assert.That(
            Call(LinuxCall.Madvise, _first, ManyPages * MemoryBench.Page, DontNeed), Is.Zero);
        AssertManyParts();
        AssertEmpty();
    }

    [Test]
    public void Protection_of_many_pages_changes_in_parts()
    {
        Assert.That(Call(LinuxCall.Mprotect, _first, ManyPages * MemoryBench.Page, 1), Is.Zero);
        AssertManyParts();
        for (ulong page = 0; page < ManyPages; page++)
        {
            ulong address = _first + page * MemoryBench.Page;
            Assert.That(_bench.TryWriteByte(_process, address, 2), Is.False);
            Assert.That(_bench.ReadByte(_process, address), Is.EqualTo(1));
        }
    }

    [Test]
    public void One_part_frees_no_more_than_its_pages()
    {
        ulong before = _bench.Kernel.Frames.FreeFrames;
        Assert.That(_bench.Kernel.Mappings.TryUnmapPart(
            _process, _first, _first + ManyPages * MemoryBench.Page), Is.Null);
        ulong freed = _bench.Kernel.Frames.FreeFrames - before;
        Assert.That(freed, Is.InRange(1, PagesOfPart + 1));
        Assert.That(_bench.TryWriteByte(_process, _first, 1), Is.True, "still mapped");
    }

    /// <summary>Each page has a table of its own, of which most is empty.</summary>
    [Test]
    public void Sparse_pages_give_their_tables_back_so_that_no_part_sees_them_again()
    {
        const ulong Tables = 100, TableBytes = PageTables.SpanBytes;
        ulong lengthBytes = Tables * TableBytes;
        ulong first = (ulong)Call(LinuxCall.Mmap, 0, lengthBytes, ReadWrite, Anonymous);
        uint before = _process.MemoryPages;
        for (ulong table = 0; table < Tables; table++)
            Assert.That(_bench.TryWriteByte(_process, first + table * TableBytes, 1), Is.True);
        Assert.That(Call(LinuxCall.Munmap, first, lengthBytes), Is.Zero);
        // Tables at both ends may be shared with neighbours, and so may the one above.
        Assert.That(_process.MemoryPages, Is.InRange(before, before + 3));
    }

    [Test]
    public void Table_that_a_neighbour_uses_stays()
    {
        ulong middle = _first + ManyPages / 2 * MemoryBench.Page;
        Assert.That(Call(LinuxCall.Munmap, middle, MemoryBench.Page), Is.Zero);
        Assert.That(_bench.ReadByte(_process, middle - MemoryBench.Page), Is.EqualTo(1));
        Assert.That(_bench.ReadByte(_process, middle + MemoryBench.Page), Is.EqualTo(1));
    }

    [Test]
    public void Pages_of_a_vault_are_discarded_in_parts_and_the_others_stay()
    {
        const ulong Pages = 600, Kept = 5;
        Vault vault = _bench.MakeVault(Pages + Kept);
        Process owner = _bench.MakeVaultOwner(vault, quotaPages: 700);
        owner.ThreadQuota = 1;
        Assert.That(ProcessLoader.Start(
            _bench.Kernel, owner, AddressMap.MainStackTop - 4096), Is.EqualTo(Status.Ok));
        for (ulong page = 0; page < Pages + Kept; page++)
            _bench.WriteWord(owner, AddressMap.VaultFirst + page * MemoryBench.Page, 9);
        ulong free = _bench.Kernel.Frames.FreeFrames;
        int repeats = _bench.Machine.Repeats;
        Assert.That(_bench.Call(
            owner.MainThread!, SystemCall.VaultDiscard, 0, Pages * MemoryBench.Page),
            Is.EqualTo(Status.Ok));
        Assert.That(_bench.Machine.Repeats - repeats, Is.GreaterThan(3));
        Assert.That(_bench.Kernel.Frames.FreeFrames - free, Is.GreaterThanOrEqualTo(Pages));
        Assert.That(_bench.ReadWord(owner, AddressMap.VaultFirst), Is.Zero);
        for (ulong page = Pages; page < Pages + Kept; page++)
        {
            Assert.That(
                _bench.ReadWord(owner, AddressMap.VaultFirst + page * MemoryBench.Page),
                Is.EqualTo(9));
        }
    }

    /// <summary>A slice has 20,000 instructions, and a page costs a hundred.</summary>
    [Test]
    public void Slice_of_the_reclaimer_frees_few_pages_of_the_dead()
    {
        ProcessDeath.Kill(_bench.Kernel, _process, DeathCause.Killed);
        Assert.That(MostFreedInSlice(), Is.InRange(50, 200));
    }

    [Test]
    public void Slice_of_the_reclaimer_frees_few_pages_of_a_vault()
    {
        const ulong Pages = 600;
        _bench.End(_process);
        Vault vault = _bench.MakeVault(Pages);
        Process owner = _bench.MakeVaultOwner(vault, quotaPages: 700);
        for (ulong page = 0; page < Pages; page++)
            _bench.WriteWord(owner, AddressMap.VaultFirst + page * MemoryBench.Page, 9);
        vault.Capabilities = 0;
        _bench.Kernel.Vaults.Settle(vault);
        ProcessDeath.Kill(_bench.Kernel, owner, DeathCause.Killed);
        Assert.That(MostFreedInSlice(), Is.InRange(50, 200));
    }

    private ulong MostFreedInSlice()
    {
        ulong most = 0;
        while (_bench.Kernel.Reclaimer.HasWork)
        {
            ulong before = _bench.Kernel.Frames.FreeFrames;
            _bench.Kernel.Reclaimer.RunSlice();
            most = Math.Max(most, _bench.Kernel.Frames.FreeFrames - before);
        }

        return most;
    }

    private long Call(LinuxCall number, params ReadOnlySpan<ulong> arguments) =>
        _bench.Linux(_process.MainThread!, (uint)number, arguments);

    private void Touch()
    {
        for (ulong page = 0; page < ManyPages; page++)
        {
            Assert.That(
                _bench.TryWriteByte(_process, _first + page * MemoryBench.Page, 1), Is.True);
        }
    }

    private void AssertManyParts() =>
        Assert.That(_bench.Machine.Repeats, Is.InRange(FewestParts, 3 * FewestParts));

    private void AssertEmpty()
    {
        for (ulong page = 0; page < ManyPages; page++)
        {
            ulong address = _first + page * MemoryBench.Page;
            if (_bench.ReadByte(_process, address) != 0) Assert.Fail($"page {page}");
        }
    }
}

// The next version of a server works on a vault, and all that it did can be taken back.

using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory.Vaults;

[TestFixture]
public sealed class VaultProbeTests
{
    private const ulong First = AddressMap.VaultFirst;

    private MemoryBench _bench = null!;
    private Vault _vault = null!;
    private Process _owner = null!, _prober = null!;

    [SetUp]
    public void BeginProbe()
    {
        _bench = new MemoryBench();
        _vault = _bench.MakeVault(pages: 16);
        _owner = MakeOwner();
        for (ulong page = 0; page < 3; page++) Write(_owner, page, 100 + page);
        _owner.State = ProcessState.Stopped;
        VaultProbe.Begin(_vault);
        _prober = MakeOwner();
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private Process MakeOwner(uint quotaPages = 64) => _bench.MakeVaultOwner(_vault, quotaPages);

    private void Write(Process process, ulong page, ulong value) =>
        _bench.WriteWord(process, First + page * MemoryBench.Page, value);

    private ulong Read(Process process, ulong page) =>
        _bench.ReadWord(process, First + page * MemoryBench.Page);

    private void Change()
    {
        Assert.That(Read(_prober, 0), Is.EqualTo(100), "before the first change");
        Write(_prober, 0, 7);
        Write(_prober, 1, 8);
        Write(_prober, 9, 9);
        Assert.That(Read(_prober, 0), Is.EqualTo(7));
        Assert.That(Read(_prober, 2), Is.EqualTo(102));
    }

    /// <summary>The prober's call, with so much memory left.</summary>
    private Status Discard(ulong pages, uint sparePages)
    {
        _prober.ThreadQuota = 1;
        Status started = ProcessLoader.Start(
            _bench.Kernel, _prober, AddressMap.MainStackTop - MemoryBench.Page);
        Assert.That(started, Is.EqualTo(Status.Ok));
        _prober.MemoryQuotaPages = _prober.MemoryPages + sparePages;
        Status answer = _bench.Call(
            _prober.MainThread!, SystemCall.VaultDiscard, 0, pages * MemoryBench.Page);
        // For looking at what has become of the pages.
        _prober.MemoryQuotaPages += 8;
        return answer;
    }

    private void RollBack()
    {
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        Assert.That(_vault.Owner, Is.Null);
        _bench.Kernel.Vaults.Probe.End(_vault, ProbeEnd.RollBack);
    }

    [Test]
    public void Rolled_back_probe_has_changed_nothing()
    {
        uint before = _vault.Frames.FrameCount;
        Change();
        RollBack();
        Assert.That(_vault.Owner, Is.SameAs(_owner));
        Assert.That(_vault.Frames.FrameCount, Is.EqualTo(before));
        for (ulong page = 0; page < 3; page++)
            Assert.That(Read(_owner, page), Is.EqualTo(100 + page));
        Assert.That(Read(_owner, 9), Is.Zero);
    }

    [Test]
    public void Owner_that_goes_on_after_a_rollback_writes_to_its_own_pages()
    {
        Change();
        RollBack();
        Write(_owner, 1, 55);
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Killed);
        Process next = MakeOwner();
        Assert.That(Read(next, 1), Is.EqualTo(55));
        Assert.That(Read(next, 0), Is.EqualTo(100));
    }

    [Test]
    public void Committed_probe_is_the_vault()
    {
        Change();
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Replaced);
        _bench.Kernel.Vaults.Probe.End(_vault, ProbeEnd.Commit);
        Write(_prober, 2, 33);
        Assert.That(_vault.Owner, Is.SameAs(_prober));
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        Process next = MakeOwner();
        Assert.That(Read(next, 0), Is.EqualTo(7));
        Assert.That(Read(next, 2), Is.EqualTo(33));
        Assert.That(Read(next, 9), Is.EqualTo(9));
    }

    [Test]
    public void Discarded_pages_come_back_too()
    {
        _bench.Kernel.Mappings.DropPages(_prober, First, First + 2 * MemoryBench.Page);
        _bench.Kernel.Vaults.Discard(_vault, 0, 2);
        Assert.That(Read(_prober, 1), Is.Zero);
        RollBack();
        Assert.That(Read(_owner, 0), Is.EqualTo(100));
        Assert.That(Read(_owner, 1), Is.EqualTo(101));
    }

    [Test]
    public void Nothing_is_left_when_both_are_dead()
    {
        Change();
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Killed);
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        _vault.Capabilities = 0;
        _bench.Kernel.Vaults.Settle(_vault);
        _bench.End(_owner);
        _bench.End(_prober);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_owner.MemoryPages, Is.Zero);
        Assert.That(_prober.MemoryPages, Is.Zero);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.Kernel.Frames.TotalFrames));
    }

    [Test]
    public void Prober_without_memory_for_the_old_page_does_not_change_it()
    {
        _prober.MemoryQuotaPages = _prober.MemoryPages;
        Assert.That(
            _bench.Kernel.PageFaults.Touch(_prober, First, Access.Write),
            Is.EqualTo(TouchResult.NoMemory));
        RollBack();
        Assert.That(Read(_owner, 0), Is.EqualTo(100));
    }

    // Old bytes behind an answer of Ok would be read as if they were zeros.
    // A page needs three spare ones: its copy, and perhaps two lists.
    [TestCase(0u, 0)]
    [TestCase(3u, 1)]
    [TestCase(6u, 2)]
    public void Discard_without_memory_for_the_old_pages_says_so(uint sparePages, int cleared)
    {
        Assert.That(Discard(pages: 3, sparePages), Is.EqualTo(Status.NoMemory));
        for (int page = 0; page < 3; page++)
        {
            Assert.That(
                Read(_prober, (ulong)page), Is.EqualTo(page < cleared ? 0ul : 100ul + (ulong)page));
        }

        RollBack();
        for (ulong page = 0; page < 3; page++)
            Assert.That(Read(_owner, page), Is.EqualTo(100 + page));
    }

    [Test]
    public void Discard_of_what_was_put_aside_before_needs_no_memory()
    {
        Change();
        Assert.That(Discard(pages: 2, sparePages: 0), Is.EqualTo(Status.Ok));
        Assert.That(Read(_prober, 0), Is.Zero);
        Assert.That(Read(_prober, 1), Is.Zero);
        RollBack();
        Assert.That(Read(_owner, 0), Is.EqualTo(100));
        Assert.That(Read(_owner, 1), Is.EqualTo(101));
    }
}

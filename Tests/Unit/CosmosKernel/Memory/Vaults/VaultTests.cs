// Vaults outlive their owners, are charged to the present one, and leave nothing behind.

using CosmosKernel.Memory.Vaults;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory.Vaults;

[TestFixture]
public sealed class VaultTests
{
    private MemoryBench _bench = null!;
    private Vault _vault = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _vault = _bench.MakeVault(pages: 16);
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private Process MakeOwner(uint quotaPages = 64) => _bench.MakeVaultOwner(_vault, quotaPages);

    [Test]
    public void Vault_goes_to_the_next_incarnation_with_its_bytes()
    {
        Process first = MakeOwner();
        _bench.WriteWord(first, AddressMap.VaultFirst + 3 * MemoryBench.Page, 1234);
        ProcessDeath.Kill(_bench.Kernel, first, DeathCause.Killed);
        Process second = MakeOwner();
        Assert.That(_bench.ReadWord(second, AddressMap.VaultFirst + 3 * MemoryBench.Page),
            Is.EqualTo(1234), "before the first is even reclaimed");
        _bench.End(first);
        Assert.That(_bench.ReadWord(second, AddressMap.VaultFirst + 3 * MemoryBench.Page),
            Is.EqualTo(1234));
    }

    [Test]
    public void Vault_pages_are_charged_to_whoever_owns_it()
    {
        Process first = MakeOwner();
        uint before = first.MemoryPages;
        _bench.WriteWord(first, AddressMap.VaultFirst, 1);
        // Two tables of its own, and of the vault the page and two lists.
        Assert.That(first.MemoryPages - before, Is.EqualTo(2 + 3));
        ProcessDeath.Kill(_bench.Kernel, first, DeathCause.Killed);
        Process second = _bench.MakeRecord(64);
        _bench.Kernel.Vaults.TryGiveTo(_vault, second);
        Assert.That(second.MemoryPages, Is.EqualTo(3));
    }

    [Test]
    public void Vault_has_one_owner_at_a_time()
    {
        MakeOwner();
        Process second = _bench.MakeRecord(64);
        Assert.That(_bench.Kernel.Vaults.TryGiveTo(_vault, second),
            Is.EqualTo(Status.AlreadyExists));
    }

    [Test]
    public void Vault_that_does_not_fit_the_quota_is_refused()
    {
        Process first = MakeOwner();
        for (ulong page = 0; page < 8; page++)
        {
            _bench.WriteWord(first, AddressMap.VaultFirst + page * MemoryBench.Page, 1);
        }

        ProcessDeath.Kill(_bench.Kernel, first, DeathCause.Killed);
        Process poor = _bench.MakeRecord(9);
        Assert.That(_bench.Kernel.Vaults.TryGiveTo(_vault, poor), Is.EqualTo(Status.NoMemory));
        Assert.That(_vault.Owner, Is.Null);
    }

    [Test]
    public void Vault_ends_at_its_size()
    {
        Process owner = MakeOwner();
        Assert.That(_bench.TryWriteByte(
            owner, AddressMap.VaultFirst + _vault.LengthBytes - 1, 1), Is.True);
        Assert.That(_bench.TryWriteByte(
            owner, AddressMap.VaultFirst + _vault.LengthBytes, 1), Is.False);
    }

    [Test]
    public void Discarded_pages_are_zero_and_their_frames_free()
    {
        Process owner = MakeOwner();
        for (ulong page = 0; page < 4; page++)
        {
            _bench.WriteWord(owner, AddressMap.VaultFirst + page * MemoryBench.Page, 9);
        }

        uint charged = owner.MemoryPages;
        ulong free = _bench.Kernel.Frames.FreeFrames;
        _bench.Kernel.Mappings.DropPages(owner, AddressMap.VaultFirst + MemoryBench.Page,
            AddressMap.VaultFirst + 3 * MemoryBench.Page);
        _bench.Kernel.Vaults.Discard(_vault, 1, 2);
        Assert.That(charged - owner.MemoryPages, Is.EqualTo(2));
        Assert.That(_bench.Kernel.Frames.FreeFrames - free, Is.EqualTo(2));
        Assert.That(_bench.ReadWord(owner, AddressMap.VaultFirst + MemoryBench.Page), Is.Zero);
        Assert.That(_bench.ReadWord(owner, AddressMap.VaultFirst), Is.EqualTo(9));
    }

    [Test]
    public void Vault_without_owner_and_capability_is_freed_whole()
    {
        Process owner = MakeOwner();
        _bench.WriteWord(owner, AddressMap.VaultFirst, 1);
        _vault.Capabilities = 0;
        _bench.Kernel.Vaults.Settle(_vault);
        Assert.That(_vault.IsDying, Is.False, "its owner lives");
        _bench.End(owner);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_bench.Kernel.Vaults.Count, Is.Zero);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }
}

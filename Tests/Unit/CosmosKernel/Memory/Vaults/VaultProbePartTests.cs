// The end of a probe is done in parts: each is short, and the first one decides.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory.Vaults;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class VaultProbePartTests : IDisposable
{
    /// <summary>In two lists of the undo.</summary>
    private const ulong FirstPage = 480, Pages = 200;
    private const uint QuotaPages = 1024;

    private readonly MemoryBench _bench = new();
    private readonly Vault _vault;
    private readonly Process _owner, _prober;

    public VaultProbePartTests()
    {
        _vault = _bench.MakeVault(FirstPage + Pages + 100);
        _owner = _bench.MakeVaultOwner(_vault, QuotaPages);
        _bench.WriteWord(_owner, AddressMap.VaultFirst, 5);
        // Every other page was there before.
        for (ulong page = 0; page < Pages; page += 2) Write(_owner, page, 100 + page);
        _owner.State = ProcessState.Stopped;
        VaultProbe.Begin(_vault);
        _prober = _bench.MakeVaultOwner(_vault, QuotaPages);
        for (ulong page = 0; page < Pages; page++) Write(_prober, page, 1000 + page);
    }

    public void Dispose() => _bench.Dispose();

    private static ulong AddressOf(ulong page) =>
        AddressMap.VaultFirst + (FirstPage + page) * MemoryBench.Page;

    private void Write(Process process, ulong page, ulong value) =>
        _bench.WriteWord(process, AddressOf(page), value);

    private ulong Read(Process process, ulong page) =>
        _bench.ReadWord(process, AddressOf(page));

    private bool TryEnd(ProbeEnd end) => _bench.Kernel.Vaults.Probe.TryEnd(_vault, end);

    private void EndTogether(ProbeEnd end)
    {
        int parts = 1;
        while (!TryEnd(end))
        {
            parts++;
            Assert.That(_vault.IsProbed, Is.True);
            Assert.That(_vault.Owner, Is.SameAs(end == ProbeEnd.Commit ? _prober : null));
        }

        Assert.That(parts, Is.InRange((int)Pages / VaultProbe.PartPages, 8));
    }

    private void KillAll()
    {
        _vault.Capabilities = 0;
        _bench.Kernel.Vaults.Settle(_vault);
        foreach (Process process in (Process[])[_owner, _prober])
        {
            if (process.IsUsed) _bench.End(process);
            Assert.That(process.MemoryPages, Is.Zero);
        }

        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.Kernel.Frames.TotalFrames));
    }

    [Test]
    public void Rollback_in_parts_has_changed_nothing()
    {
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        EndTogether(ProbeEnd.RollBack);
        Assert.That(_vault.Owner, Is.SameAs(_owner));
        for (ulong page = 0; page < Pages; page++)
            Assert.That(Read(_owner, page), Is.EqualTo(page % 2 == 0 ? 100 + page : 0));
        KillAll();
    }

    [Test]
    public void Prober_works_on_while_its_commit_is_done_in_parts()
    {
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Replaced);
        Assert.That(TryEnd(ProbeEnd.Commit), Is.False);
        for (ulong page = 0; page < Pages + 50; page++) Write(_prober, page, 2000 + page);
        // The end has come by this one, and would not see that it was put aside.
        _bench.WriteWord(_prober, AddressMap.VaultFirst, 6);
        EndTogether(ProbeEnd.Commit);
        for (ulong page = 0; page < Pages; page++)
            Assert.That(Read(_prober, page), Is.EqualTo(2000 + page));
        KillAll();
    }

    [Test]
    public void Prober_that_dies_in_its_commit_leaves_the_vault_to_the_next()
    {
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Replaced);
        Assert.That(TryEnd(ProbeEnd.Commit), Is.False);
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        while (!TryEnd(ProbeEnd.Commit)) { }
        Process next = _bench.MakeVaultOwner(_vault, QuotaPages);
        for (ulong page = 0; page < Pages; page++)
            Assert.That(Read(next, page), Is.EqualTo(1000 + page));
        _bench.End(next);
        KillAll();
    }

    /// <summary>Who has begun it died; who comes after him had another end in mind.</summary>
    [TestCase(ProbeEnd.Commit, ProbeEnd.RollBack)]
    [TestCase(ProbeEnd.RollBack, ProbeEnd.Commit)]
    public void End_that_has_begun_is_the_end(ProbeEnd begun, ProbeEnd asked)
    {
        Process decider = _bench.MakeProcess();
        Assert.That(
            _bench.Kernel.Capabilities.Create(
                decider, ObjectType.Vault, _vault.Index, Rights.All, out Handle handle),
            Is.EqualTo(Status.Ok));
        Status Ask(ProbeEnd end) => _bench.Call(
            decider.MainThread!, SystemCall.VaultEndProbe, handle.Value, (ulong)end);
        Assert.That(Ask(begun), Is.EqualTo(Status.Locked));
        Process inTheWay = begun == ProbeEnd.Commit ? _owner : _prober;
        ProcessDeath.Kill(_bench.Kernel, inTheWay, DeathCause.Killed);
        Assert.That(TryEnd(begun), Is.False);
        Assert.That(Ask(asked), Is.EqualTo(Status.NotFound));
        Assert.That(_bench.Machine.Repeats, Is.GreaterThan(0));
        Assert.That(_vault.IsProbed, Is.False);
        Process owner = begun == ProbeEnd.Commit ? _prober : _owner;
        Assert.That(_vault.Owner, Is.SameAs(owner));
        ulong first = begun == ProbeEnd.Commit ? 1000u : 100u;
        for (ulong page = 0; page < Pages; page += 2)
            Assert.That(Read(owner, page), Is.EqualTo(first + page));
        Assert.That(Ask(begun), Is.EqualTo(Status.NotFound));
        _bench.End(decider);
        KillAll();
    }

    [Test]
    public void Probe_of_a_vault_that_nobody_wants_is_cleared_away_in_slices()
    {
        ulong before = _bench.Kernel.Frames.FreeFrames;
        ProcessDeath.Kill(_bench.Kernel, _owner, DeathCause.Killed);
        ProcessDeath.Kill(_bench.Kernel, _prober, DeathCause.Killed);
        _vault.Capabilities = 0;
        _bench.Kernel.Vaults.Settle(_vault);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(before), "nothing at once");
        KillAll();
    }
}

// Handles, rights and Rule 1: authority minted through X dies with X.

using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using System.Collections.Generic;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Capabilities;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class CapabilityTests
{
    readonly KernelBench bench = new();
    readonly Process owner, other;
    readonly ulong endpoint;

    public CapabilityTests()
    {
        owner = bench.NewProcess("owner", Layer.Supervisor);
        other = bench.NewProcess("other", Layer.Program);
        endpoint = bench.Make(owner, SystemCall.EndpointCreate, 0, 2);
    }

    ulong Mint(ulong source, ulong badge, Rights rights = Rights.All) =>
        bench.Make(owner, SystemCall.Mint, source, (ulong)rights, badge);

    Status Probe(Process process, ulong handle) =>
        bench.Kernel.Capabilities.Find(process, handle, out _);

    Status Do(SystemCall call, params ulong[] arguments) =>
        bench.Do(owner, call, arguments).Status;

    [TearDown]
    public void Audit()
    {
        KernelAudit.Check(bench.Kernel);
        bench.Reclaim();
        KernelAudit.Check(bench.Kernel);
    }

    [Test]
    public void Closed_handle_is_bad_for_ever_even_when_its_record_is_used_again()
    {
        ulong stale = Mint(endpoint, 1);
        Do(SystemCall.Close, stale);
        for (int count = 0; count < KernelBench.SmallConfig.Capabilities * 2; count++)
        {
            ulong next = Mint(endpoint, 2);
            Assert.That(next, Is.Not.EqualTo(stale));
            Do(SystemCall.Close, next);
        }

        Assert.That(Probe(owner, stale), Is.EqualTo(Status.BadHandle));
        Assert.That(Do(SystemCall.Close, stale), Is.EqualTo(Status.BadHandle));
    }

    [TestCase(0ul), TestCase(ulong.MaxValue), TestCase(1ul << 32), TestCase(0xFFFF_FFFFul)]
    public void Handle_that_names_nothing_is_bad(ulong handle) =>
        Assert.That(Do(SystemCall.Copy, handle, 1), Is.EqualTo(Status.BadHandle));

    [Test]
    public void Handle_of_another_process_is_bad() =>
        Assert.That(Probe(other, endpoint), Is.EqualTo(Status.BadHandle));

    [Test]
    public void Copy_keeps_badge_and_parent_and_no_more_rights_than_asked()
    {
        ulong minted = Mint(endpoint, 9);
        ulong copy = bench.Make(owner, SystemCall.Copy, minted, (ulong)Rights.Call);
        bench.Do(owner, SystemCall.DescribeHandle, copy);
        Assert.That(owner.MainThread!.Frame->A1, Is.EqualTo((ulong)Rights.Call));
        Assert.That(owner.MainThread!.Frame->A2, Is.EqualTo(9));
        Assert.That(Do(SystemCall.Copy, copy, (ulong)Rights.Call), Is.EqualTo(Status.NoRight));
        Do(SystemCall.Revoke, endpoint);
        Assert.That(Probe(owner, copy), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Mint_gives_no_right_that_its_source_lacks()
    {
        ulong weak = Mint(endpoint, 1, Rights.Mint | Rights.Call);
        Assert.That(
            Do(SystemCall.Mint, weak, (ulong)(Rights.Call | Rights.Receive), 2),
            Is.EqualTo(Status.NoRight));
        Assert.That(Do(SystemCall.Mint, weak, 1ul << 40, 2), Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Mint_by_a_server_gives_call_and_pass()
    {
        ulong own = bench.Make(
            owner, SystemCall.Copy, endpoint, (ulong)(Rights.Receive | Rights.Mint));
        ulong file = Mint(own, 9, Rights.Call | Rights.Pass);
        bench.Do(owner, SystemCall.DescribeHandle, file);
        Assert.That(
            (Rights)owner.MainThread!.Frame->A1, Is.EqualTo(Rights.Call | Rights.Pass));
    }

    [Test]
    public void Revoke_kills_all_descendants_everywhere_and_not_itself()
    {
        ulong mount = Mint(endpoint, 1);
        ulong file = Mint(mount, 2);
        ulong deeper = Mint(file, 3);
        ulong given = bench.Give(owner, deeper, other);
        ulong beside = Mint(endpoint, 4);
        Assert.That(Do(SystemCall.Revoke, mount), Is.EqualTo(Status.Ok));
        Assert.That(Probe(owner, mount), Is.EqualTo(Status.Ok));
        Assert.That(Probe(owner, file), Is.EqualTo(Status.Revoked));
        Assert.That(Probe(owner, deeper), Is.EqualTo(Status.Revoked));
        Assert.That(Probe(other, given), Is.EqualTo(Status.Revoked));
        Assert.That(Probe(owner, beside), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Mint_after_revoke_is_alive()
    {
        ulong mount = Mint(endpoint, 1);
        ulong old = Mint(mount, 2);
        Do(SystemCall.Revoke, mount);
        ulong young = Mint(mount, 3);
        Assert.That(Probe(owner, old), Is.EqualTo(Status.Revoked));
        Assert.That(Probe(owner, young), Is.EqualTo(Status.Ok));
        bench.Reclaim();
        Assert.That(Probe(owner, young), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Revoked_handle_stays_a_tombstone_until_closed()
    {
        ulong file = Mint(endpoint, 2);
        Do(SystemCall.Revoke, endpoint);
        bench.Reclaim();
        Assert.That(Probe(owner, file), Is.EqualTo(Status.Revoked));
        Assert.That(Do(SystemCall.Close, file), Is.EqualTo(Status.Ok));
        Assert.That(Probe(owner, file), Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Close_hands_children_to_the_parent()
    {
        ulong mount = Mint(endpoint, 1);
        ulong file = Mint(mount, 2);
        ulong deeper = Mint(file, 3);
        Do(SystemCall.Close, file);
        Assert.That(Probe(owner, deeper), Is.EqualTo(Status.Ok));
        Do(SystemCall.Revoke, mount);
        Assert.That(Probe(owner, deeper), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Close_of_many_children_hands_them_up_in_slices()
    {
        ulong mount = Mint(endpoint, 1);
        ulong file = Mint(mount, 2);
        ulong[] children = new ulong[100];
        for (int number = 0; number < children.Length; number++)
            children[number] = Mint(file, 100 + (ulong)number);
        Do(SystemCall.Close, file);
        Assert.That(bench.Kernel.Capabilities.HasReclaimWork, Is.True);
        Do(SystemCall.Revoke, mount);
        foreach (ulong child in children)
            Assert.That(Probe(owner, child), Is.EqualTo(Status.Revoked));
        bench.Reclaim();
        foreach (ulong child in children)
            Assert.That(Probe(owner, child), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Revoke_then_close_keeps_the_children_dead()
    {
        ulong mount = Mint(endpoint, 1);
        ulong file = Mint(mount, 2);
        Do(SystemCall.Revoke, mount);
        Do(SystemCall.Close, mount);
        Assert.That(Probe(owner, file), Is.EqualTo(Status.Revoked));
        bench.Reclaim();
        Assert.That(Probe(owner, file), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Death_of_a_holder_hands_children_to_the_parent()
    {
        ulong mount = Mint(endpoint, 1);
        ulong given = bench.Give(owner, mount, other);
        ulong made = bench.Make(other, SystemCall.Mint, given, (ulong)Rights.All, 5);
        ulong back = bench.Give(other, made, owner);
        ProcessDeath.Kill(bench.Kernel, other, DeathCause.Killed);
        bench.Reclaim();
        Assert.That(Probe(owner, back), Is.EqualTo(Status.Ok));
        Do(SystemCall.Revoke, endpoint);
        Assert.That(Probe(owner, back), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Mint_deeper_than_the_limit_is_refused()
    {
        ulong handle = endpoint;
        for (int depth = 1; depth < Limits.MintDepth; depth++) handle = Mint(handle, 1);
        Assert.That(Do(SystemCall.Mint, handle, 1, 1), Is.EqualTo(Status.QuotaExceeded));
    }

    [Test]
    public void Walk_down_that_closes_behind_itself_never_meets_the_limit()
    {
        ulong handle = Mint(endpoint, 1);
        ulong[] kept = new ulong[Limits.MintDepth * 3];
        for (int depth = 0; depth < kept.Length; depth++)
        {
            ulong next = Mint(handle, 1);
            kept[depth] = Mint(handle, 2);
            Do(SystemCall.Close, handle);
            handle = next;
        }

        foreach (ulong file in kept) Assert.That(Probe(owner, file), Is.EqualTo(Status.Ok));
    }

    /// <summary>A mint that cleared all of it away would keep interrupts out for so long.</summary>
    [Test]
    public void Walk_down_passes_what_is_closed_and_leaves_the_rest_to_the_reclaimer()
    {
        const int Files = 12, Levels = Limits.MintDepth * 2;
        owner.HandleQuota = ushort.MaxValue;
        ulong mount = Mint(endpoint, 1);
        for (int file = 0; file < 300; file++) Mint(mount, 2);
        Do(SystemCall.Revoke, mount);
        ulong handle = Mint(endpoint, 1);
        List<ulong> kept = [];
        for (int level = 0; level < Levels; level++)
        {
            ulong next = Mint(handle, 1);
            for (int file = 0; file < Files; file++) kept.Add(Mint(handle, 2));
            Do(SystemCall.Close, handle);
            handle = next;
        }

        Assert.That(bench.Kernel.Capabilities.ReclaimCount, Is.GreaterThan(Levels / 2));
        foreach (ulong file in kept) Assert.That(Probe(owner, file), Is.EqualTo(Status.Ok));
        bench.Reclaim();
        foreach (ulong file in kept) Assert.That(Probe(owner, file), Is.EqualTo(Status.Ok));
        Do(SystemCall.Revoke, endpoint);
        foreach (ulong file in kept) Assert.That(Probe(owner, file), Is.EqualTo(Status.Revoked));
    }

    [Test]
    public void Handle_quota_fails_the_one_who_exceeds_it()
    {
        owner.HandleQuota = (ushort)(owner.HandleCount + 1);
        Mint(endpoint, 1);
        Assert.That(Do(SystemCall.Mint, endpoint, 1, 1), Is.EqualTo(Status.QuotaExceeded));
        Assert.That(Do(SystemCall.Copy, endpoint, 1), Is.EqualTo(Status.QuotaExceeded));
        Assert.That(Do(SystemCall.NotificationCreate), Is.EqualTo(Status.QuotaExceeded));
        Assert.That(bench.Kernel.Notifications.Count, Is.Zero);
    }

    [Test]
    public void Table_that_runs_out_reclaims_at_once()
    {
        ulong mount = Mint(endpoint, 1);
        owner.HandleQuota = ushort.MaxValue;
        int room = KernelBench.SmallConfig.Capabilities - bench.Kernel.Capabilities.UsedCount - 1;
        other.HandleQuota = ushort.MaxValue;
        for (int number = 0; number < room; number++) bench.Give(owner, mount, other);
        ProcessDeath.Kill(bench.Kernel, other, DeathCause.Killed);
        Assert.That(Do(SystemCall.Mint, mount, 1, 1), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Endpoint_goes_with_its_last_capability()
    {
        ulong mount = Mint(endpoint, 1);
        Do(SystemCall.Close, endpoint);
        Assert.That(bench.Kernel.Endpoints.Count, Is.EqualTo(1));
        Do(SystemCall.Close, mount);
        bench.Reclaim();
        Assert.That(bench.Kernel.Endpoints.Count, Is.Zero);
        Assert.That(bench.Kernel.Badges.Count, Is.Zero);
        Assert.That(bench.Kernel.Capabilities.UsedCount, Is.Zero);
    }

    [Test]
    public void Vault_capabilities_keep_their_handles_for_the_next_incarnation()
    {
        bench.Kernel.Vaults.TryMake(4096, out Vault vault);
        Attach(vault, other);
        ulong file = bench.Give(owner, Mint(endpoint, 9), other);
        Assert.That(
            bench.Do(other, SystemCall.MoveToVault, file, 1).Status, Is.EqualTo(Status.Ok));
        bench.Kernel.Vaults.TakeFrom(other);
        bench.Kernel.Processes.DetachVault(other);
        Assert.That(Probe(other, file), Is.EqualTo(Status.BadHandle));
        Process next = bench.NewProcess("next", Layer.Program);
        Attach(vault, next);
        Assert.That(Probe(next, file), Is.EqualTo(Status.Ok));
        Assert.That(next.HandleCount, Is.EqualTo(1));
    }

    [Test]
    public void Vault_that_goes_takes_its_capabilities_along()
    {
        bench.Kernel.Vaults.TryMake(4096, out Vault vault);
        Attach(vault, other);
        ulong file = bench.Give(owner, Mint(endpoint, 9), other);
        bench.Do(other, SystemCall.MoveToVault, file, 1);
        int used = bench.Kernel.Capabilities.UsedCount;
        vault.Capabilities = 0;
        ProcessDeath.Kill(bench.Kernel, other, DeathCause.Killed);
        bench.Reclaim();
        Assert.That(vault.IsUsed, Is.False);
        Assert.That(bench.Kernel.Capabilities.UsedCount, Is.LessThan(used));
        Assert.That(bench.Kernel.Capabilities.VaultSpace(vault.Index).Count, Is.Zero,
            "the next vault of that number would have them");
    }

    void Attach(Vault vault, Process process)
    {
        vault.Capabilities = 1;
        Assert.That(bench.Kernel.Vaults.TryGiveTo(vault, process), Is.EqualTo(Status.Ok));
        bench.Kernel.Processes.AttachVault(process, vault.Index);
    }
}

// The audit of revocation finds what is planted for it, of each kind; in a sound kernel nothing.
//
// A leak is made through the kernel's own records, as a faulty kill would leave it.

using System;
using System.Runtime.InteropServices;
using CosmosKernel;
using CosmosKernel.Diagnostics.Auditing;
using CosmosKernel.Ipc;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;
using Tests.Unit.CosmosKernel.Ipc;

namespace Tests.Unit.CosmosKernel.Diagnostics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class AuditTests
{
    readonly IpcScene scene = new();
    readonly byte[] store = GC.AllocateArray<byte>(4096, pinned: true);

    Kernel Kernel => scene.Bench.Kernel;

    ulong StoreAddress
    {
        get
        {
            // Safety: the array is pinned for as long as it lives.
            fixed (byte* first = store) return (ulong)first;
        }
    }

    /// <summary>Dead, and nothing that a death does was done.</summary>
    static void DieHalf(Process process) => process.State = ProcessState.Zombie;

    /// <summary>Dead, cleared away and not collected.</summary>
    Process DieWhole()
    {
        ProcessDeath.Kill(Kernel, scene.Client, DeathCause.Killed);
        scene.Bench.Reclaim();
        Assert.That(scene.Client.IsReclaimed);
        return scene.Client;
    }

    void RequireLeak(AuditKind kind, int index, uint process)
    {
        AuditReport report = Auditor.RunAll(Kernel);
        Assert.That(report[kind].Leaked, Is.GreaterThan(0), report.ToString());
        Assert.That(report[kind].FirstIndex, Is.EqualTo(index), report.ToString());
        Assert.That(report[kind].FirstProcess, Is.EqualTo(process), report.ToString());
    }

    int IndexOf(Process process, ulong handle)
    {
        Assert.That(Kernel.Capabilities.Find(process, handle, out int index),
            Is.EqualTo(Status.Ok));
        return index;
    }

    [Test]
    public void Sound_kernel_is_clean()
    {
        scene.BeginReceive();
        scene.BeginCall();
        AuditReport report = Auditor.RunAll(Kernel);
        Assert.That(report.Leaked, Is.Zero, report.ToString());
        Assert.That(report.Reclaiming + report.ReclaimPending, Is.Zero);
        Assert.That(report.Looked, Is.GreaterThan((ulong)Kernel.Capabilities.Capacity));
    }

    [Test]
    public void Death_is_told_as_reclaiming_until_it_is_cleared_away()
    {
        ProcessDeath.Kill(Kernel, scene.Client, DeathCause.Killed);
        AuditReport report = Auditor.RunAll(Kernel);
        Assert.That(report.Leaked, Is.Zero, report.ToString());
        Assert.That(report[AuditKind.Owner].Reclaiming, Is.EqualTo(1));
        Assert.That(report[AuditKind.Record].Reclaiming, Is.EqualTo(1), "its thread");
        Assert.That(report.ReclaimPending, Is.EqualTo(1));
        scene.Bench.Reclaim();
        report = Auditor.RunAll(Kernel);
        Assert.That(report.Leaked + report.Reclaiming + report.ReclaimPending, Is.Zero);
    }

    [Test]
    public void Dead_process_that_the_reclaimer_does_not_have_is_a_leak()
    {
        DieHalf(scene.Client);
        RequireLeak(AuditKind.Owner, IndexOf(scene.Client, scene.Door), scene.Client.Id.Value);
        RequireLeak(AuditKind.Record, scene.ClientThread.Index, scene.Client.Id.Value);
    }

    [Test]
    public void Handle_for_an_object_that_is_gone_is_found()
    {
        ulong handle = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        int index = IndexOf(scene.Client, handle);
        Kernel.Notifications.Free(Kernel.Notifications[Kernel.Capabilities[index].ObjectIndex]);
        RequireLeak(AuditKind.Handle, index, scene.Client.Id.Value);
    }

    [Test]
    public void Handle_for_a_thread_that_was_freed_is_found_unless_it_is_old()
    {
        ulong handle = scene.Bench.Make(scene.Client, SystemCall.ThreadSelf);
        int index = IndexOf(scene.Client, handle);
        ulong kept = scene.Bench.Give(scene.Client, handle, scene.Keeper);
        DieWhole();
        Assert.That(Auditor.RunAll(Kernel).Leaked, Is.Zero);
        Kernel.Capabilities.Records[IndexOf(scene.Keeper, kept)].ObjectGeneration =
            Kernel.Threads[Kernel.Capabilities[IndexOf(scene.Keeper, kept)].ObjectIndex]
                .Generation;
        RequireLeak(AuditKind.Handle, IndexOf(scene.Keeper, kept), scene.Keeper.Id.Value);
        Assert.That(index, Is.Not.EqualTo(IndexOf(scene.Keeper, kept)));
    }

    [Test]
    public void Handle_that_nobody_owns_is_found()
    {
        int index = IndexOf(scene.Client, scene.Door);
        Kernel.Capabilities.Records[index].Space = -1;
        RequireLeak(AuditKind.Handle, index, 0);
    }

    [Test]
    public void Handle_of_a_process_that_was_cleared_away_is_found()
    {
        Process dead = DieWhole();
        ulong handle = scene.Bench.Grant(dead, ObjectType.Log);
        RequireLeak(AuditKind.Owner, IndexOf(dead, handle), dead.Id.Value);
    }

    [Test]
    public void Handle_in_the_table_of_a_vault_that_is_gone_is_found()
    {
        int index = IndexOf(scene.Client, scene.Door);
        Kernel.Capabilities.Records[index].Space = Limits.Processes + 5;
        RequireLeak(AuditKind.Owner, index, 0);
    }

    [Test]
    public void Call_of_a_dead_thread_is_found()
    {
        scene.BeginCall();
        DieHalf(scene.Client);
        RequireLeak(AuditKind.Call, scene.ClientThread.Index, scene.Client.Id.Value);
    }

    [Test]
    public void Call_that_a_queue_still_has_after_its_caller_is_found()
    {
        scene.BeginCall();
        scene.ClientThread.Request.State = RequestState.None;
        RequireLeak(AuditKind.Call, scene.ClientThread.Index, scene.Client.Id.Value);
    }

    [TestCase(false), TestCase(true)]
    public void Call_in_the_hands_of_a_dead_server_is_found(bool isParked)
    {
        scene.BeginCall(MessageFlags.MayBlock);
        ulong reply = scene.Take();
        if (isParked) scene.Bench.Do(scene.Server, SystemCall.Park, reply);
        DieHalf(scene.Server);
        RequireLeak(AuditKind.Reply, scene.ClientThread.Index, scene.Server.Id.Value);
    }

    [TestCase(false), TestCase(true)]
    public void Lease_of_the_dead_or_to_the_dead_is_found(bool isServerDead)
    {
        scene.BeginCall();
        scene.Take();
        scene.ClientThread.Request.Info = new MessageInfo(1, 0, 2, MessageFlags.None);
        DieHalf(isServerDead ? scene.Server : scene.Client);
        RequireLeak(AuditKind.Lease, scene.ClientThread.Index, scene.Client.Id.Value);
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Lease].Leaked, Is.EqualTo(2));
    }

    [Test]
    public void Receiver_that_is_dead_is_found()
    {
        scene.BeginReceive();
        DieHalf(scene.Server);
        RequireLeak(AuditKind.Waiter, scene.ServerThread.Index, scene.Server.Id.Value);
    }

    [Test]
    public void Deadline_of_a_dead_thread_is_found()
    {
        Thread thread = scene.ClientThread;
        ProcessDeath.Kill(Kernel, scene.Client, DeathCause.Killed);
        Kernel.Deadlines.Set(thread, 1_000);
        RequireLeak(AuditKind.Waiter, thread.Index, scene.Client.Id.Value);
    }

    [Test]
    public void Notification_that_wakes_a_dead_thread_is_found()
    {
        ulong handle = scene.Bench.Make(scene.Client, SystemCall.NotificationCreate);
        scene.Bench.Do(scene.Client, SystemCall.NotificationBind, handle);
        DieHalf(scene.Client);
        int index = Kernel.Capabilities[IndexOf(scene.Client, handle)].ObjectIndex;
        RequireLeak(AuditKind.Notification, index, scene.Client.Id.Value);
    }

    [Test]
    public void Notification_that_a_dead_process_keeps_is_found()
    {
        Process dead = DieWhole();
        dead.DeathNotification = Kernel.Notifications[3];
        RequireLeak(AuditKind.Notification, 3, dead.Id.Value);
    }

    [Test]
    public void Endpoint_that_a_dead_process_serves_is_found()
    {
        scene.BeginReceive();
        DieHalf(scene.Server);
        int index = Kernel.Capabilities[IndexOf(scene.Server, scene.Endpoint)].ObjectIndex;
        RequireLeak(AuditKind.Endpoint, index, scene.Server.Id.Value);
    }

    [Test]
    public void Vault_that_a_dead_process_has_is_found()
    {
        Vault vault = GiveVault();
        DieHalf(scene.Client);
        RequireLeak(AuditKind.Vault, vault.Index, scene.Client.Id.Value);
    }

    [Test]
    public void Vault_whose_owner_has_another_one_is_found()
    {
        Vault vault = GiveVault();
        scene.Client.VaultIndex = vault.Index + 1;
        RequireLeak(AuditKind.Vault, vault.Index, scene.Client.Id.Value);
    }

    Vault GiveVault()
    {
        Kernel.Vaults.TryMake(4096, out Vault vault);
        vault.Capabilities = 1;
        Assert.That(Kernel.Vaults.TryGiveTo(vault, scene.Client), Is.EqualTo(Status.Ok));
        Kernel.Processes.AttachVault(scene.Client, vault.Index);
        return vault;
    }

    [Test]
    public void Page_tables_of_a_process_that_was_cleared_away_are_found()
    {
        Process dead = DieWhole();
        Assert.That(Kernel.PageTables.TryMakeRoot(dead));
        RequireLeak(AuditKind.Mapping, dead.Index, dead.Id.Value);
    }

    [Test]
    public void Region_that_no_process_has_is_found()
    {
        Kernel.Regions.Take();
        RequireLeak(AuditKind.Mapping, 0, 0);
    }

    [Test]
    public void Frame_that_nobody_is_charged_for_is_found()
    {
        Kernel.Frames.TryTake();
        RequireLeak(AuditKind.Frame, 0, 0);
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Frame].Leaked, Is.EqualTo(1));
    }

    [Test]
    public void Frame_that_is_charged_and_does_not_exist_is_found()
    {
        scene.Server.MemoryPages += 3;
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Frame].Leaked, Is.EqualTo(3));
    }

    [Test]
    public void Records_that_nothing_refers_to_are_found()
    {
        int endpoint = Kernel.Endpoints.Create(OnDeath.Hold, Layer.Program, 0)!.Index;
        RequireLeak(AuditKind.Record, endpoint, 0);
        int notification = Kernel.Notifications.Create()!.Index;
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Record].Leaked, Is.EqualTo(2));
        Kernel.Vaults.TryMake(4096, out Vault vault);
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Record].Leaked, Is.EqualTo(3));
        Kernel.MemoryObjects.TryMakeRam(scene.Keeper, 4096, out _);
        Assert.That(Auditor.RunAll(Kernel)[AuditKind.Record].Leaked, Is.EqualTo(4));
        Assert.That(notification + vault.Index, Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void System_call_finds_in_slices_what_is_found_at_once()
    {
        Kernel.Frames.TryTake();
        int index = IndexOf(scene.Client, scene.Door);
        Kernel.Capabilities.Records[index].Space = Limits.Processes + 5;
        ulong machine = scene.Bench.Grant(scene.Keeper, ObjectType.Machine);
        AuditReport sum = default;
        ulong cursor = 0;
        int slices = 0;
        do
        {
            CallResult result = scene.Bench.Do(
                scene.Keeper, SystemCall.Audit, machine, cursor, StoreAddress);
            Assert.That(result.Status, Is.EqualTo(Status.Ok));
            sum.Add(MemoryMarshal.Read<AuditReport>(store));
            cursor = scene.Keeper.MainThread!.Frame->A0;
            slices++;
        }
        while (cursor != 0);
        Assert.That(sum.ToString(), Is.EqualTo(Auditor.RunAll(Kernel).ToString()));
        Assert.That(sum.Leaked, Is.EqualTo(2));
        Assert.That(slices, Is.GreaterThan(2));
    }

    [Test]
    public void System_call_needs_the_right_and_good_memory()
    {
        ulong machine = scene.Bench.Grant(
            scene.Keeper, ObjectType.Machine, rights: Rights.PowerOff);
        Assert.That(scene.Bench.Do(scene.Keeper, SystemCall.Audit, machine, 0, StoreAddress)
            .Status, Is.EqualTo(Status.NoRight));
        machine = scene.Bench.Grant(scene.Keeper, ObjectType.Machine);
        Assert.That(scene.Bench.Do(
                scene.Keeper, SystemCall.Audit, machine, ulong.MaxValue, StoreAddress).Status,
            Is.EqualTo(Status.Ok));
        Assert.That(scene.Keeper.MainThread!.Frame->A0, Is.Zero, "a cursor of nothing");
        scene.Bench.Begin(scene.Keeper.MainThread!, SystemCall.Audit, machine, 0, 16);
        Assert.That(scene.Keeper.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
    }

    [Test]
    public void Audit_allocates_nothing()
    {
        Auditor.RunAll(Kernel);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Auditor.RunAll(Kernel);
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }
}

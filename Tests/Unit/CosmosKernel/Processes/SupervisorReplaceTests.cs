// The supervisor's trial: who may ask for one, what ends it, and what it leaves in the vault.

using System;
using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Ipc;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed unsafe class SupervisorReplaceTests
{
    private const int Old = 0, Next = 1, NoElf = 2;

    private MemoryBench _bench = null!;
    private Kernel _kernel = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench(null, "supervisor", "supervisor2", "supervisor3");
        _kernel = _bench.Kernel;
        _bench.Machine.PhysicalMemory[_kernel.Boot.Images[NoElf].PhysicalFirst] = 0;
        _kernel.BeforeRun();
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    /// <summary>The newest supervisor, which runs from an image.</summary>
    private Process Supervisor()
    {
        Process? found = null;
        for (int index = 0; index < _kernel.Processes.Capacity; index++)
        {
            Process process = _kernel.Processes[index];
            if (process is { IsUsed: true, IsAlive: true }) found = process;
        }
        Assert.That(found, Is.Not.Null);
        return found!;
    }

    private void Serve(Process process) =>
        EndpointServers.Become(_kernel, _kernel.Endpoints[0], process);

    private Status Replace(Process caller, int image, Rights rights = Rights.Execute)
    {
        _kernel.Capabilities.Create(caller, ObjectType.Memory,
            _kernel.Images[image].Index, rights, out Handle handle);
        Thread thread = caller.MainThread!;
        thread.Frame->Rax = (ulong)SystemCall.SupervisorReplace;
        thread.Frame->A0 = handle.Value;
        SystemCallTable.Dispatch(_kernel, thread);
        return caller.IsAlive ? new CallResult(thread.Frame->Rax).Status : Status.Ok;
    }

    private void WriteVault(Process process, byte value) =>
        Assert.That(_kernel.UserMemory.TryWrite(
            process, AddressMap.VaultFirst, new ReadOnlySpan<byte>(in value)), Is.True);

    private byte ReadVault(Process process) =>
        _bench.ReadByte(process, AddressMap.VaultFirst);

    /// <summary>Of the next version, on a vault that says 1.</summary>
    private Process BeginTrial()
    {
        Process old = Supervisor();
        WriteVault(old, 1);
        Serve(old);
        Assert.That(Replace(old, Next), Is.EqualTo(Status.Ok));
        Assert.That(old.Death.Cause, Is.EqualTo(DeathCause.Replaced));
        Process trial = Supervisor();
        Assert.That(trial.ImageIndex, Is.EqualTo(Next));
        return trial;
    }

    [Test]
    public void New_version_that_receives_stays_with_what_it_has_written()
    {
        Process trial = BeginTrial();
        Assert.That(ReadVault(trial), Is.EqualTo(1));
        WriteVault(trial, 2);
        Serve(trial);
        ProcessDeath.Kill(_kernel, trial, DeathCause.PageFault);
        Process after = Supervisor();
        Assert.That(after.ImageIndex, Is.EqualTo(Next));
        Assert.That(ReadVault(after), Is.EqualTo(2));
    }

    [Test]
    public void New_version_that_dies_before_it_receives_leaves_vault_and_image_as_they_were()
    {
        Process trial = BeginTrial();
        ulong free = _kernel.Frames.FreeFrames;
        WriteVault(trial, 2);
        Assert.That(_kernel.Frames.FreeFrames, Is.LessThan(free));
        ProcessDeath.Kill(_kernel, trial, DeathCause.Killed);
        Process after = Supervisor();
        Assert.That(after.ImageIndex, Is.EqualTo(Old));
        Assert.That(ReadVault(after), Is.EqualTo(1));
    }

    [Test]
    public void Trial_that_has_ended_its_probe_and_dies_gives_its_place_back_but_not_the_vault()
    {
        Process trial = BeginTrial();
        WriteVault(trial, 2);
        Vault vault = _kernel.Vaults[trial.VaultIndex];
        Assert.That(vault.IsProbed, Is.True);
        _kernel.Vaults.Probe.End(vault, ProbeEnd.Commit);
        ProcessDeath.Kill(_kernel, trial, DeathCause.PageFault);
        Process after = Supervisor();
        Assert.That(after.ImageIndex, Is.EqualTo(Old));
        Assert.That(ReadVault(after), Is.EqualTo(2));
    }

    [Test]
    public void Replacement_is_refused_to_others_and_of_what_cannot_run()
    {
        Process supervisor = Supervisor();
        Assert.That(Replace(supervisor, Next), Is.EqualTo(Status.Locked), "before its receive");
        Serve(supervisor);
        Assert.That(Replace(supervisor, NoElf), Is.EqualTo(Status.BadImage));
        Assert.That(Replace(supervisor, Next, Rights.Read), Is.EqualTo(Status.NoRight));
        Process other = _kernel.Processes.Create(null)!;
        other.HandleQuota = other.ThreadQuota = 4;
        Thread thread = _kernel.Threads.Create(other)!;
        other.State = ProcessState.Running;
        Assert.That(Replace(thread.Process, Next), Is.EqualTo(Status.NoRight));
        Assert.That(supervisor.IsAlive, Is.True);
    }
}

// The supervisor's trial: who may ask for one, what ends it, and what it leaves in the vault.

using System;
using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
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
    private const int MemoryBytes = 8 << 20;
    private const ulong ImageFirst = 0x10_0000, RamFirst = 0x20_0000, Page = Limits.PageBytes;
    private const int Old = 0, Next = 1, NoElf = 2;

    private ByteMachine _machine = null!;
    private Kernel _kernel = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new ByteMachine(MemoryBytes);
        byte[] elf = TestElf.Build();
        BootImage[] images = new BootImage[3];
        string[] names = ["supervisor", "supervisor2", "supervisor3"];
        for (int number = 0; number < images.Length; number++)
        {
            ulong place = ImageFirst + (ulong)number * 16 * Page;
            if (number != NoElf)
                elf.CopyTo(new Span<byte>(_machine.PhysicalMemory + place, elf.Length));
            images[number] = new BootImage(
                System.Text.Encoding.ASCII.GetBytes(names[number]), place, (ulong)elf.Length);
        }
        BootInfo boot = new([new RamRange(RamFirst, MemoryBytes - RamFirst)], images, []);
        KernelConfig config = new()
        {
            Processes = 8, Threads = 16, Capabilities = 256, Endpoints = 8, Notifications = 8,
            MemoryObjects = 16, Vaults = 8, LogBytes = 4096,
        };
        _kernel = new Kernel(_machine, boot, config, new UserMemory(_machine));
        _kernel.BeforeRun();
    }

    [TearDown] public void TearDown() => _machine.Dispose();

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

    private byte ReadVault(Process process)
    {
        Span<byte> one = stackalloc byte[1];
        Assert.That(_kernel.UserMemory.TryRead(process, AddressMap.VaultFirst, one), Is.True);
        return one[0];
    }

    [Test]
    public void New_version_that_receives_stays_with_what_it_has_written()
    {
        Process old = Supervisor();
        WriteVault(old, 1);
        Serve(old);
        Assert.That(Replace(old, Next), Is.EqualTo(Status.Ok));
        Process trial = Supervisor();
        Assert.That(old.Death.Cause, Is.EqualTo(DeathCause.Replaced));
        Assert.That(trial.ImageIndex, Is.EqualTo(Next));
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
        Process old = Supervisor();
        WriteVault(old, 1);
        Serve(old);
        Replace(old, Next);
        ulong free = _kernel.Frames.FreeFrames;
        Process trial = Supervisor();
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
        Process old = Supervisor();
        WriteVault(old, 1);
        Serve(old);
        Replace(old, Next);
        Process trial = Supervisor();
        WriteVault(trial, 2);
        Vault vault = _kernel.Vaults[trial.VaultIndex];
        Assert.That(vault.IsProbed, Is.True);
        _kernel.Vaults.Probe.Commit(vault);
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

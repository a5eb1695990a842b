// Starts the first process, and starts it again with its vault when it dies.
//
// The kernel holds the supervisor's vault. Three deaths before it has run for a while: the vault is
// emptied; three more: panic, for then nothing would ever start anything.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public sealed unsafe class SupervisorKeeper(Kernel kernel)
{
    private const ulong VaultBytes = 1024 * 1024;
    private const uint MemoryPages = 48 * 1024 * 1024 / Limits.PageBytes;
    private const ushort Handles = 16384, ThreadQuota = 16;
    private const ulong LongLifeNs = 5_000_000_000;
    private const int DeathsBeforeEmptyVault = 3, DeathsBeforePanic = 6;
    private const uint ReadableFlags = 0x202, DefaultMxcsr = 0x1F80;

    private readonly byte[] _block = new byte[256];
    private Vault? _vault;
    private Process? _process;
    private uint _incarnation;
    private int _earlyDeaths;

    public bool IsSupervisor(Process process) => process == _process;

    /// <summary>At boot, and again by Died. Throws when it cannot be: that is a panic.</summary>
    public void Start()
    {
        _vault ??= MakeVault();
        Process process = kernel.Processes.Create(null)
            ?? throw new InvalidOperationException("no process record for the supervisor");
        _process = process;
        process.MemoryQuotaPages = MemoryPages;
        process.HandleQuota = Handles;
        process.ThreadQuota = ThreadQuota;
        process.Priority = Priority.Driver;
        process.Layer = Layer.Supervisor;
        process.Incarnation = _incarnation++;
        ReadOnlySpan<byte> name = kernel.CommandLine.FirstImage;
        name[..Math.Min(name.Length, ProcessSpec.MaxNameBytes - 1)].CopyTo(process.Name);
        Check(kernel.Vaults.TryGiveTo(_vault, process), "vault");
        kernel.Processes.AttachVault(process, _vault.Index);
        MemoryObject image = kernel.Images.Find(name)
            ?? throw new InvalidOperationException("the boot archive has no first image");
        Check(ProcessLoader.Load(kernel, process, image), "image");
        MakeMainThread(process, WriteStartBlock(process));
    }

    /// <summary>The process has just been killed or has ended.</summary>
    public void Died()
    {
        Process process = _process!;
        bool isEarly = kernel.NowNs - process.StartedNs < LongLifeNs;
        _earlyDeaths = isEarly ? _earlyDeaths + 1 : 0;
        kernel.Log.Write("kernel"u8, "the supervisor has died and is started again"u8);
        if (_earlyDeaths >= DeathsBeforePanic)
            throw new InvalidOperationException("the supervisor dies again and again");
        if (_earlyDeaths == DeathsBeforeEmptyVault) DropVault();
        if (kernel.Frames.FreeFrames < MemoryPages) kernel.Reclaimer.RunAll();
        Start();
    }

    private Vault MakeVault()
    {
        Check(kernel.Vaults.TryMake(VaultBytes, out Vault vault), "vault");
        vault.Capabilities++;
        return vault;
    }

    private void DropVault()
    {
        _vault!.Capabilities--;
        kernel.Vaults.Settle(_vault);
        _vault = null;
    }

    /// <summary>
    /// Its name, and the environment CAP_machine, CAP_log, CAP_vault, VAULT_BYTES.
    /// </summary>
    private ulong WriteStartBlock(Process process)
    {
        var block = new Diagnostics.TextWriter(_block);
        block.Add(kernel.CommandLine.FirstImage);
        AddHex(ref block, "\0CAP_machine="u8, Give(process, ObjectType.Machine, 0));
        AddHex(ref block, "\0CAP_log="u8, Give(process, ObjectType.Log, 0));
        AddHex(ref block, "\0CAP_vault="u8, Give(process, ObjectType.Vault, _vault!.Index));
        AddHex(ref block, "\0VAULT_BYTES="u8, VaultBytes);
        block.Add("\0"u8);
        // Its own stack is where the block lies before it is put in place.
        ulong place = AddressMap.MainStackTop - ProcessLoader.StackBytes / 2;
        if (!kernel.UserMemory.TryWrite(process, place, block.Written))
            throw new InvalidOperationException("no memory for the supervisor's stack");
        Check(StartBlock.TryWrite(kernel, process, place, (uint)block.Written.Length, 1, process,
            out ulong stackPointer, out _), "start block");
        return stackPointer;
    }

    private static void AddHex(
        ref Diagnostics.TextWriter block, ReadOnlySpan<byte> name, ulong value)
    {
        block.Add(name);
        block.AddHex(value);
    }

    private ulong Give(Process process, ObjectType type, int index)
    {
        Check(kernel.Capabilities.Create(process, type, index, Rights.All, out Handle handle),
            "handle");
        return handle.Value;
    }

    private void MakeMainThread(Process process, ulong stackPointer)
    {
        Thread thread = kernel.Threads.Create(process)
            ?? throw new InvalidOperationException("no thread record for the supervisor");
        // Safety: the frame lies outside the heap, and is the thread's own.
        thread.Frame->Rip = process.Linux.Entry;
        thread.Frame->Rsp = stackPointer;
        thread.Frame->Rflags = ReadableFlags;
        thread.Frame->Cr3 = process.AddressSpace.Root;
        thread.Frame->Mxcsr = DefaultMxcsr;
        thread.Frame->NeedsFullReturn = 1;
        process.State = ProcessState.Running;
        kernel.Scheduler.MakeReady(thread);
    }

    private static void Check(Status status, string what)
    {
        if (status == Status.Ok) return;
        throw new InvalidOperationException($"supervisor's {what}: {status}");
    }
}

// Starts the first process, and starts it again with its vault when it dies or hangs; or another
// image in its place, when it asks for that itself.
//
// The kernel holds the supervisor's vault. Three deaths in a row before its loop: the bytes of the
// vault are emptied, and the supervisor adopts what the kernel's list of processes shows; three
// more: panic, for then nothing would ever start anything. The vault's capabilities stay: endpoints
// and vaults of living tasks are among them. A new image is on trial until it receives: it gets the
// vault as a probe, and when it dies before, the image before it goes on. If it has not ended the
// probe by then, the vault is as it was.

using CosmosKernel.Memory.Vaults;
using System;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes.Supervision;

public sealed unsafe class SupervisorKeeper(Kernel kernel)
{
    private const ulong VaultBytes = 4 * 1024 * 1024;
    private const uint MemoryPages = 48 * 1024 * 1024 / Limits.PageBytes;
    private const ushort Handles = 16384, ThreadQuota = 16;
    private const int DeathsBeforeEmptyVault = 3, DeathsBeforePanic = 6;
    private const uint ReadableFlags = 0x202, DefaultMxcsr = 0x1F80;

    private readonly byte[] _block = new byte[256];
    private readonly SupervisorWatch _watch = new(kernel);
    private Vault? _vault;
    /// <summary>Outlives what is in the vault. The supervisor knows what it is for.</summary>
    private MemoryObject? _page;
    private Process? _process;
    private MemoryObject? _image;
    /// <summary>What is to take the place of the image; null: there is no upgrade.</summary>
    private MemoryObject? _trial;
    private uint _incarnation;
    private int _earlyDeaths;

    public bool IsSupervisor(Process process) => process == _process;

    /// <summary>When LookIfDue wants to be called.</summary>
    public ulong NextLookNs => _watch.NextLookNs;

    public void LookIfDue()
    {
        if (_process is { IsAlive: true } process) _watch.LookIfDue(process);
    }

    /// <summary>At boot, and again by Died. Throws when it cannot be: that is a panic.</summary>
    public void Start()
    {
        _vault ??= MakeVault();
        _watch.Restart();
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
        _page ??= MakePage(process);
        Check(kernel.MemoryObjects.Recharge(_page, process), "page");
        Check(kernel.Vaults.TryGiveTo(_vault, process), "vault");
        kernel.Processes.AttachVault(process, _vault.Index);
        if (_earlyDeaths == DeathsBeforeEmptyVault)
            kernel.Vaults.Discard(_vault, 0, VaultBytes / Limits.PageBytes);
        _image ??= kernel.Images.Find(name)
            ?? throw new InvalidOperationException("the boot archive has no first image");
        MemoryObject image = _trial ?? _image;
        Check(ProcessLoader.Load(kernel, process, image), "image");
        MakeMainThread(process, WriteStartBlock(process, image));
    }

    /// <summary>
    /// SystemCall.SupervisorReplace, after which the caller is dead. BadImage, also for one that is
    /// not of the boot archive; Locked: this process is on trial itself.
    /// </summary>
    public Status Replace(Process caller, MemoryObject image)
    {
        if (caller != _process) return Status.NoRight;
        if (!caller.HasServed || _trial is not null || _vault!.IsProbed) return Status.Locked;
        if (kernel.Images.IndexOf(image) < 0 || !ElfImage.TryParse(image, out _))
            return Status.BadImage;
        _trial = image;
        ProcessDeath.Kill(kernel, caller, DeathCause.Replaced);
        return Status.Ok;
    }

    /// <summary>The process has received for the first time.</summary>
    public void NoteServed()
    {
        if (_trial is not { } passed) return;
        _image = passed;
        _trial = null;
        if (_vault!.IsProbed) kernel.Vaults.Probe.End(_vault, ProbeEnd.Commit);
    }

    /// <summary>The process has just been killed or has ended.</summary>
    public void Died()
    {
        // A kill says nothing against the vault, however early it comes.
        Process process = _process!;
        if (process.HasServed)
        {
            _earlyDeaths = 0;
            if (_trial is not null) VaultProbe.Begin(_vault!);
        }
        else if (_trial is not null) EndTrial();
        else if (process.Death.Cause is not (DeathCause.Killed or DeathCause.Replaced))
            _earlyDeaths++;
        kernel.Log.Write("kernel"u8, "the supervisor has died and is started again"u8);
        if (_earlyDeaths >= DeathsBeforePanic)
            throw new InvalidOperationException("the supervisor dies again and again");
        if (kernel.Frames.FreeFrames < MemoryPages) kernel.Reclaimer.RunAll();
        Start();
    }

    private void EndTrial()
    {
        kernel.Log.Write("kernel"u8, "the supervisor's new version did not get to serve"u8);
        _trial = null;
        if (_vault!.IsProbed) kernel.Vaults.Probe.End(_vault, ProbeEnd.RollBack);
    }

    private Vault MakeVault()
    {
        Check(kernel.Vaults.TryMake(VaultBytes, out Vault vault), "vault");
        vault.Capabilities++;
        return vault;
    }

    private MemoryObject MakePage(Process payer)
    {
        Status status = kernel.MemoryObjects.TryMakeRam(
            payer, Limits.PageBytes, out MemoryObject page);
        Check(status, "page");
        page.Capabilities++;
        return page;
    }

    /// <summary>
    /// Its image, and the environment CAP_machine, CAP_log, CAP_vault, CAP_page, CAP_self,
    /// VAULT_BYTES.
    /// </summary>
    private ulong WriteStartBlock(Process process, MemoryObject image)
    {
        var block = new Diagnostics.TextWriter(_block);
        block.Add(kernel.Images.NameOf(kernel.Images.IndexOf(image)));
        AddHex(ref block, "\0CAP_machine="u8, Give(process, ObjectType.Machine, 0));
        AddHex(ref block, "\0CAP_log="u8, Give(process, ObjectType.Log, 0));
        AddHex(ref block, "\0CAP_vault="u8, Give(process, ObjectType.Vault, _vault!.Index));
        AddHex(ref block, "\0CAP_page="u8, Give(process, ObjectType.Memory, _page!.Index));
        AddHex(ref block, "\0CAP_self="u8,
            Give(process, ObjectType.Process, process.Index, process.Generation));
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

    private ulong Give(Process process, ObjectType type, int index, uint generation = 0)
    {
        Status status = kernel.Capabilities.Create(
            process, type, index, Rights.All, out Handle handle, generation);
        Check(status, "handle");
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
        if (kernel.IsTracing) kernel.Trace.Started(process);
        kernel.Scheduler.MakeReady(thread);
    }

    private static void Check(Status status, string what)
    {
        if (status == Status.Ok) return;
        throw new InvalidOperationException($"supervisor's {what}: {status}");
    }
}

// A process that has come as far as Snapshot is a template: new ones are copied from it, so that
// the start of a runtime is paid for once.
//
// Rules: a template has no capability and never runs again; a copy shows its frames until it writes
// them, so they stay until the last copy is gone, also when the template has died. What must differ
// between two copies is made here: ids of threads, random words, the start block.

using System;
using CosmosKernel.Arch;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public static unsafe class Snapshot
{
    /// <summary>Below its stack pointer a function may keep this (System V ABI, 3.2.2).</summary>
    private const ulong RedZoneBytes = 128;

    /// <summary>
    /// The calling process is a template from now on, and the call never returns to it: it returns
    /// in each copy, with the start block in argument 0 and a random word in argument 1.
    /// NotSupported: it is an ordinary process; WouldBlock: another of its threads has work;
    /// BadArgument: it has handles or memory that cannot be copied.
    /// </summary>
    public static Status? Take(Kernel kernel, Thread thread)
    {
        Process process = thread.Process;
        if (process.Kind != ProcessKind.Template) return Status.NotSupported;
        if (process.HandleCount != 0 || process.MainThread != thread
            || process.State != ProcessState.Running || !HasOnlyPrivate(kernel, process))
        {
            return Status.BadArgument;
        }

        for (Thread? other = process.FirstThread; other is not null; other = other.NextInProcess)
            if (other != thread && !IsAtRest(other)) return Status.WouldBlock;
        process.State = ProcessState.Template;
        for (Thread? other = process.FirstThread; other is not null; other = other.NextInProcess)
            kernel.Scheduler.Stop(other);
        return Status.Ok;
    }

    /// <summary>It waits to be woken by another thread of its own.</summary>
    private static bool IsAtRest(Thread thread) =>
        thread.State == ThreadState.InFutex && thread.WaitDeadlineNs == 0
        && thread.Linux.PendingSignals == 0;

    private static bool HasOnlyPrivate(Kernel kernel, Process process)
    {
        AddressSpace space = process.AddressSpace;
        for (int i = 0; i < space.RegionCount; i++)
        {
            if (space.At(kernel.Regions, i).Kind
                is not (RegionKind.Anonymous or RegionKind.Image or RegionKind.Guard))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Memory and threads of a new process, as ProcessLoader.Load makes them from an image:
    /// NoMemory, or QuotaExceeded. After a failure there is nothing of them.
    /// </summary>
    public static Status Load(Kernel kernel, Process process, Process template)
    {
        if (template.ThreadCount > process.ThreadQuota) return Status.QuotaExceeded;
        if (!kernel.PageTables.TryMakeRoot(process)) return Status.NoMemory;
        process.Template = template;
        template.Copies++;
        if (template.CopiesMade < int.MaxValue) template.CopiesMade++;
        process.ImageIndex = template.ImageIndex;
        process.Linux.CopyFrom(template.Linux);
        Status status = kernel.Mappings.TryCopy(template, process);
        if (status == Status.Ok && process.VaultIndex >= 0)
        {
            status = kernel.Mappings.TryMap(
                process, ProcessLoader.VaultRegion(kernel.Vaults[process.VaultIndex]));
        }

        if (status == Status.Ok) status = CopyThreads(kernel, process, template);
        if (status == Status.Ok) return Status.Ok;
        Drop(kernel, process);
        ProcessLoader.Unload(kernel, process);
        return status;
    }

    /// <summary>The main thread first: the process's first is its main.</summary>
    private static Status CopyThreads(Kernel kernel, Process process, Process template)
    {
        Thread main = template.MainThread!;
        Status status = CopyThread(kernel, process, main);
        for (Thread? thread = template.FirstThread; thread is not null && status == Status.Ok;
             thread = thread.NextInProcess)
        {
            if (thread != main) status = CopyThread(kernel, process, thread);
        }

        return status;
    }

    private static Status CopyThread(Kernel kernel, Process process, Thread thread)
    {
        Thread? copy = kernel.Threads.Create(process);
        if (copy is null) return Status.QuotaExceeded;
        // Safety: both frames are threads' own.
        *copy.Frame = *thread.Frame;
        copy.Frame->Cr3 = process.AddressSpace.Root;
        copy.Linux.CopyFrom(thread.Linux);
        if (thread.State == ThreadState.InFutex)
        {
            Futexes.Inherit(kernel, copy);
        }
        else
        {
            copy.State = ThreadState.Ready;
            copy.IsStopped = true;
        }

        // Where pthreads keep the id of a thread is where they want it cleared.
        ReadOnlySpan<uint> id = [copy.Id];
        ulong idAddress = thread.Linux.ClearChildTidAddress;
        bool hasId = idAddress == 0 || kernel.UserMemory.TryWrite(
            process, idAddress, System.Runtime.InteropServices.MemoryMarshal.AsBytes(id));
        return hasId ? Status.Ok : Status.NoMemory;
    }

    /// <summary>Undoes Load, but for the memory, in a process that never ran.</summary>
    public static void Drop(Kernel kernel, Process process)
    {
        while (process.FirstThread is { } thread)
        {
            if (thread.State == ThreadState.InFutex) Futexes.Remove(thread);
            kernel.Threads.Free(thread);
            process.ThreadCount--;
        }

        Leave(kernel, process);
    }

    /// <summary>
    /// Its memory shows no frame of its template any more: a dead one may wait for that.
    /// </summary>
    public static void Leave(Kernel kernel, Process process)
    {
        if (process.Template is not { } template) return;
        process.Template = null;
        template.Copies--;
        if (template is not { AwaitsCopies: true, Copies: 0 }) return;
        template.AwaitsCopies = false;
        kernel.Reclaimer.Add(template);
    }

    /// <summary>Below it is free stack.</summary>
    public static ulong StackTopOf(Process process) => process.Template is null
        ? AddressMap.MainStackTop : process.MainThread!.Frame->Rsp - RedZoneBytes;

    /// <summary>The main thread of a copy, which is to return from Snapshot.</summary>
    public static Thread Prepare(Kernel kernel, Process process, ulong startBlock)
    {
        Thread main = process.MainThread!;
        main.IsStopped = false;
        main.Frame->A0 = startBlock;
        main.Frame->A1 = kernel.Machine.Random();
        main.Frame->Rax = new CallResult(Status.Ok).Value;
        return main;
    }
}

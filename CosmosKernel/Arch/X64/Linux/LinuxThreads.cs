// Threads as pthreads make and end them. A thread is a Thread of the kernel from birth.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxThreads
{
    private const int ArgumentWords = 8;
    private const ulong SetTls = 0x0008_0000, ParentSetTid = 0x0010_0000;
    private const ulong ChildClearTid = 0x0020_0000, ChildSetTid = 0x0100_0000;
    /// <summary>
    /// VM FS FILES SIGHAND THREAD SYSVSEM: one process. DETACHED is an old no-op.
    /// </summary>
    private const ulong Required = 0x0001_0F00, Ignored = 0x0004_0000 | 0x0040_0000;

    /// <summary>Only what pthread_create asks for: a thread of this process.</summary>
    public static long Clone3(Kernel kernel, Thread thread, ulong address, ulong lengthBytes)
    {
        // flags pidfd child_tid parent_tid exit_signal stack stack_size tls
        Span<ulong> words = stackalloc ulong[ArgumentWords];
        if (lengthBytes < ArgumentWords * sizeof(ulong)) return LinuxCalls.Fail(Errno.Invalid);
        Process process = thread.Process;
        if (!kernel.UserMemory.TryRead(process, address, Bytes.Of(words)))
        {
            return LinuxCalls.Fail(Errno.BadAddress);
        }

        ulong flags = words[0], tls = words[7], stackTop = words[5] + words[6];
        ulong known = Required | Ignored | SetTls | ParentSetTid | ChildClearTid | ChildSetTid;
        if ((flags & Required) != Required || (flags & ~known) != 0
            || !AddressMap.IsUser(words[5], words[6])
            || (flags & SetTls) != 0 && !AddressMap.IsUser(tls, 1))
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        Thread? made = kernel.Threads.Create(process);
        if (made is null) return LinuxCalls.Fail(Errno.Again);
        ReadOnlySpan<ulong> tid = [made.Id];
        ReadOnlySpan<byte> tidBytes = Bytes.Of(tid)[..sizeof(uint)];
        if ((flags & ParentSetTid) != 0) kernel.UserMemory.TryWrite(process, words[3], tidBytes);
        if ((flags & ChildSetTid) != 0) kernel.UserMemory.TryWrite(process, words[2], tidBytes);
        if ((flags & ChildClearTid) != 0) made.Linux.ClearChildTidAddress = words[2];

        *made.Frame = *thread.Frame;
        made.Frame->Rax = 0;
        made.Frame->Rsp = stackTop;
        made.Frame->NeedsFullReturn = 1;
        if ((flags & SetTls) != 0) made.Frame->FsBase = tls;
        made.Linux.BlockedSignals = thread.Linux.BlockedSignals;
        kernel.Scheduler.MakeReady(made);
        return made.Id;
    }

    public static long SetTidAddress(Thread thread, ulong address)
    {
        thread.Linux.ClearChildTidAddress = address;
        return thread.Id;
    }

    public static long? Exit(Kernel kernel, Thread thread)
    {
        ProcessDeath.ThreadExited(kernel, thread, (int)thread.Frame->A0);
        return null;
    }

    public static long? ExitGroup(Kernel kernel, Thread thread, int exitCode)
    {
        ProcessDeath.Exited(kernel, thread, exitCode);
        return null;
    }

    /// <summary>
    /// A thread has ended while its process lives: joins of it return. The write may fail; that
    /// harms only the process itself.
    /// </summary>
    public static void ClearChildTid(Kernel kernel, Thread thread)
    {
        ulong address = thread.Linux.ClearChildTidAddress;
        if (address == 0) return;
        thread.Linux.ClearChildTidAddress = 0;
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        kernel.UserMemory.TryWrite(thread.Process, address, zero);
        Futexes.Wake(kernel, thread.Process, address, 1, uint.MaxValue);
    }

    public static long? Yield(Kernel kernel, Thread thread)
    {
        thread.Frame->Rax = 0;
        if (kernel.Scheduler.Current == thread) kernel.Scheduler.Yield();
        return null;
    }
}

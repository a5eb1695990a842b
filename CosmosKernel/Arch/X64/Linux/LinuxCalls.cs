// Answers the Linux system calls that the .NET runtime and glibc make in ring 3.
//
// This is no Linux: there are no files, no fork, no users. Unknown numbers answer ENOSYS, and bad
// pointers EFAULT, as the runtime expects. Memory that is right but beyond the quota ends the
// process, as if it had touched it itself.

using System;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxCalls
{
    private const ulong ArchSetFs = 0x1002, ArchGetFs = 0x1003;
    private const ulong LimitStack = 3, LimitAddressSpace = 9, Infinity = ulong.MaxValue;

    /// <summary>Answers the call in the thread's frame; some block it and answer later.</summary>
    public static void Dispatch(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        long? answer = (LinuxCall)frame->Rax switch
        {
            LinuxCall.Brk => LinuxMemory.Brk(kernel, thread, frame->A0),
            LinuxCall.Mmap => LinuxMemory.Mmap(kernel, thread, frame),
            LinuxCall.Munmap => LinuxMemory.Munmap(kernel, thread, frame->A0, frame->A1),
            LinuxCall.Mprotect => LinuxMemory.Mprotect(kernel, thread, frame),
            LinuxCall.Madvise => LinuxMemory.Madvise(kernel, thread, frame),
            LinuxCall.Mlock or LinuxCall.Munlock => 0,
            LinuxCall.Membarrier => Membarrier(frame->A0),

            LinuxCall.Futex => Futexes.Dispatch(kernel, thread),
            LinuxCall.Clone3 => LinuxThreads.Clone3(kernel, thread, frame->A0, frame->A1),
            LinuxCall.Exit => LinuxThreads.Exit(kernel, thread),
            LinuxCall.ExitGroup => LinuxThreads.ExitGroup(kernel, thread, (int)frame->A0),
            LinuxCall.SetTidAddress => LinuxThreads.SetTidAddress(thread, frame->A0),
            LinuxCall.SetRobustList => 0,
            LinuxCall.Gettid => thread.Id,
            LinuxCall.Getpid => thread.Process.Id.Value,
            LinuxCall.SchedYield => LinuxThreads.Yield(kernel, thread),

            LinuxCall.RtSigaction => Signals.SetAction(kernel, thread, frame),
            LinuxCall.RtSigprocmask => Signals.SetMask(kernel, thread, frame),
            LinuxCall.RtSigreturn => Signals.Return(kernel, thread),
            LinuxCall.Sigaltstack => Signals.SetStack(kernel, thread, frame->A0, frame->A1),
            LinuxCall.Tgkill => Signals.ThreadKill(kernel, thread, frame),

            LinuxCall.ClockGettime => LinuxTime.Get(kernel, thread, frame->A0, frame->A1),
            LinuxCall.ClockGetres => LinuxTime.Resolution(kernel, thread, frame->A1),
            LinuxCall.Nanosleep => LinuxTime.Sleep(kernel, thread, 1, false, frame->A0),
            LinuxCall.ClockNanosleep => LinuxTime.Sleep(
                kernel, thread, frame->A0, (frame->A1 & 1) != 0, frame->A2),

            LinuxCall.Write => LinuxFiles.Write(kernel, thread, frame),
            LinuxCall.Writev => LinuxFiles.WriteVector(kernel, thread, frame),
            LinuxCall.Openat => LinuxFiles.Open(kernel, thread, frame->A1),
            LinuxCall.Open => LinuxFiles.Open(kernel, thread, frame->A0),
            LinuxCall.Read => LinuxFiles.Read(kernel, thread, frame),
            LinuxCall.Close => LinuxFiles.Close(thread.Process, frame->A0),
            LinuxCall.Poll or LinuxCall.Ppoll => LinuxFiles.Poll(kernel, thread, frame),
            _ => Other(kernel, thread, frame),
        };
        if (answer is { } value) frame->Rax = (ulong)value;
        if (!thread.Process.AddressSpace.IsOutOfMemory) return;
        ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.Memory, 0);
    }

    private static long? Other(Kernel kernel, Thread thread, UserFrame* frame) =>
        (LinuxCall)frame->Rax switch
        {
            LinuxCall.ArchPrctl => ArchPrctl(kernel, thread, frame->A0, frame->A1),
            LinuxCall.Prctl => 0,
            LinuxCall.Prlimit64 => Limit(kernel, thread, frame->A1, frame->A3),
            LinuxCall.Getrlimit => Limit(kernel, thread, frame->A0, frame->A1),
            LinuxCall.Getrandom => Random(kernel, thread, frame->A0, frame->A1),
            LinuxCall.SchedGetaffinity => Affinity(kernel, thread, frame->A1, frame->A2),
            LinuxCall.SchedSetaffinity or LinuxCall.GetMempolicy => 0,
            LinuxCall.SchedGetparam or LinuxCall.SchedGetscheduler => 0,
            LinuxCall.Getcpu => 0,
            LinuxCall.Sysinfo => SystemInfo(kernel, thread, frame->A0),
            LinuxCall.Getrusage => Usage(kernel, thread, frame->A1),
            LinuxCall.Getuid or LinuxCall.Getgid or LinuxCall.Geteuid or LinuxCall.Getegid => 0,
            LinuxCall.Ioctl => Fail(Errno.NotTerminal),
            LinuxCall.Stat or LinuxCall.Lstat or LinuxCall.Access or LinuxCall.Readlink
                or LinuxCall.Statfs or LinuxCall.Readlinkat or LinuxCall.Faccessat
                or LinuxCall.Getcwd => Fail(Errno.NoEntry),
            LinuxCall.Fstat or LinuxCall.Newfstatat or LinuxCall.Getdents64
                or LinuxCall.Lseek => Fail(Errno.BadDescriptor),
            LinuxCall.Fcntl => Duplicate(frame->A0, frame->A1),
            _ => Fail(Errno.NotImplemented),
        };

    /// <summary>System.Console duplicates its output before it writes: the same will do.</summary>
    private static long Duplicate(ulong descriptor, ulong command)
    {
        const ulong Duplicate = 0, DuplicateCloseOnExec = 1030;
        return descriptor is 1 or 2 && command is Duplicate or DuplicateCloseOnExec
            ? (long)descriptor : Fail(Errno.BadDescriptor);
    }

    public static long Fail(Errno error) => -(long)error;

    public static long WriteOrFail(
        Kernel kernel, Process process, ulong address, ReadOnlySpan<byte> source, long answer) =>
        kernel.UserMemory.TryWrite(process, address, source) ? answer : Fail(Errno.BadAddress);

    /// <summary>
    /// One processor, and threads of one process share it: every barrier has happened already. The
    /// query must offer PRIVATE_EXPEDITED, or the runtime wants a page-protection trick instead.
    /// </summary>
    private static long Membarrier(ulong command) => command switch
    {
        0 => 1 << 3 | 1 << 4,
        1 << 3 or 1 << 4 => 0,
        _ => Fail(Errno.Invalid),
    };

    private static long ArchPrctl(Kernel kernel, Thread thread, ulong code, ulong address)
    {
        if (code == ArchGetFs)
        {
            ReadOnlySpan<ulong> fsBase = [thread.Frame->FsBase];
            return WriteOrFail(kernel, thread.Process, address, Bytes.Of(fsBase), 0);
        }

        // Any user address will do: the processor would refuse others when the base is loaded.
        if (code != ArchSetFs) return Fail(Errno.Invalid);
        if (!AddressMap.IsUser(address, 1)) return Fail(Errno.NotPermitted);
        thread.Frame->FsBase = address;
        return 0;
    }

    private static long Limit(Kernel kernel, Thread thread, ulong resource, ulong address)
    {
        if (address == 0) return 0;
        ulong limit = resource == LimitStack ? ProcessLoader.StackBytes : Infinity;
        ReadOnlySpan<ulong> limits = [limit, limit];
        return WriteOrFail(kernel, thread.Process, address, Bytes.Of(limits), 0);
    }

    private static long Random(Kernel kernel, Thread thread, ulong address, ulong lengthBytes)
    {
        Span<ulong> words = stackalloc ulong[32];
        int count = (int)Math.Min(lengthBytes, 256);
        for (int i = 0; i < (count + 7) / 8; i++) words[i] = kernel.Machine.Random();
        return WriteOrFail(kernel, thread.Process, address, Bytes.Of(words)[..count], count);
    }

    private static long Affinity(Kernel kernel, Thread thread, ulong lengthBytes, ulong address)
    {
        if (lengthBytes < sizeof(ulong)) return Fail(Errno.Invalid);
        ReadOnlySpan<ulong> processors = [1];
        return WriteOrFail(
            kernel, thread.Process, address, Bytes.Of(processors), sizeof(ulong));
    }

    /// <summary>The machine as the process may see it: its quota is the memory there is.</summary>
    private static long SystemInfo(Kernel kernel, Thread thread, ulong address)
    {
        Process process = thread.Process;
        Span<ulong> info = stackalloc ulong[14];
        info.Clear();
        info[0] = kernel.NowNs / 1_000_000_000;
        info[4] = process.MemoryQuotaPages;
        info[5] = info[4] - Math.Min(process.MemoryPages, info[4]);
        info[10] = 1;
        info[13] = Limits.PageBytes;
        return WriteOrFail(kernel, process, address, Bytes.Of(info), 0);
    }

    private static long Usage(Kernel kernel, Thread thread, ulong address)
    {
        Span<ulong> usage = stackalloc ulong[18];
        usage.Clear();
        usage[0] = thread.Process.CpuNs / 1_000_000_000;
        usage[1] = thread.Process.CpuNs % 1_000_000_000 / 1000;
        return WriteOrFail(kernel, thread.Process, address, Bytes.Of(usage), 0);
    }
}

// Clocks and sleeps. Clock 0 and 5 are the time of day, all others the time since boot.

using System;
using CosmosKernel.Processes;
using CosmosKernel.Threads;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxTime
{
    private const ulong NsPerSecond = 1_000_000_000;
    private const ulong Realtime = 0, ProcessCpu = 2, ThreadCpu = 3, RealtimeCoarse = 5;
    /// <summary>Longer waits are as good as for ever: about 146 years.</summary>
    private const ulong LongestSeconds = (ulong)long.MaxValue / 2 / NsPerSecond;

    public static long Get(Kernel kernel, Thread thread, ulong clock, ulong address)
    {
        ulong now = clock switch
        {
            Realtime or RealtimeCoarse => kernel.Machine.BootTimeNs + kernel.NowNs,
            ProcessCpu => thread.Process.CpuNs,
            ThreadCpu => thread.CpuNs,
            _ => kernel.NowNs,
        };
        ReadOnlySpan<ulong> time = [now / NsPerSecond, now % NsPerSecond];
        return LinuxCalls.WriteOrFail(kernel, thread.Process, address, Bytes.Of(time), 0);
    }

    public static long Resolution(Kernel kernel, Thread thread, ulong address)
    {
        if (address == 0) return 0;
        ReadOnlySpan<ulong> time = [0, 1];
        return LinuxCalls.WriteOrFail(kernel, thread.Process, address, Bytes.Of(time), 0);
    }

    public static long? Sleep(
        Kernel kernel, Thread thread, ulong clock, bool isAbsolute, ulong address)
    {
        long failure =
            TryDeadline(kernel, thread.Process, clock, isAbsolute, address, out ulong deadlineNs);
        if (failure != 0) return failure;
        if (deadlineNs <= kernel.NowNs) return 0;
        kernel.Scheduler.Block(thread, ThreadState.InSleep);
        kernel.SetDeadline(thread, deadlineNs);
        return null;
    }

    /// <summary>
    /// A timespec in user memory as a time since boot, never 0; or what to answer.
    /// </summary>
    public static long TryDeadline(
        Kernel kernel, Process process, ulong clock, bool isAbsolute, ulong address,
        out ulong deadlineNs)
    {
        deadlineNs = 0;
        Span<ulong> time = stackalloc ulong[2];
        if (!kernel.UserMemory.TryRead(process, address, Bytes.Of(time)))
        {
            return LinuxCalls.Fail(Errno.BadAddress);
        }

        if ((long)time[0] < 0 || time[1] >= NsPerSecond) return LinuxCalls.Fail(Errno.Invalid);
        ulong ns = Math.Min(time[0], LongestSeconds) * NsPerSecond + time[1];
        if (!isAbsolute) ns += kernel.NowNs;
        else if (clock is Realtime or RealtimeCoarse)
        {
            ns -= Math.Min(ns, kernel.Machine.BootTimeNs);
        }

        deadlineNs = Math.Max(ns, 1);
        return 0;
    }
}

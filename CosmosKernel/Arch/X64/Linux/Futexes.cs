// Waits on a word of user memory, until another thread of the same process wakes them.
//
// A futex is named by process and address: no memory is shared between processes whose code uses
// futexes, so the PRIVATE flag changes nothing. Waiters are one list a process, oldest first.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class Futexes
{
    private const ulong WaitCall = 0, WakeCall = 1, RequeueCall = 3, CompareRequeueCall = 4;
    private const ulong WaitBitsetCall = 9, WakeBitsetCall = 10;
    private const ulong ClockRealtime = 256, OperationMask = 127;

    public static long? Dispatch(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Process process = thread.Process;
        if (frame->A0 % sizeof(uint) != 0) return LinuxCalls.Fail(Errno.Invalid);
        switch (frame->A1 & OperationMask)
        {
            case WaitCall:
                return Wait(kernel, thread, uint.MaxValue, isAbsolute: false);
            case WaitBitsetCall:
                return Wait(kernel, thread, (uint)frame->A5, isAbsolute: true);
            case WakeCall:
                return Wake(kernel, process, frame->A0, (uint)frame->A2, uint.MaxValue);
            case WakeBitsetCall:
                return Wake(kernel, process, frame->A0, (uint)frame->A2, (uint)frame->A5);
            case RequeueCall:
                return Requeue(kernel, thread);
            case CompareRequeueCall:
                if (!TryReadWord(kernel, process, frame->A0, out uint word))
                {
                    return LinuxCalls.Fail(Errno.BadAddress);
                }

                return word == (uint)frame->A5
                    ? Requeue(kernel, thread) : LinuxCalls.Fail(Errno.Again);
            default:
                return LinuxCalls.Fail(Errno.NotImplemented);
        }
    }

    private static long? Wait(Kernel kernel, Thread thread, uint bitset, bool isAbsolute)
    {
        UserFrame* frame = thread.Frame;
        if (bitset == 0) return LinuxCalls.Fail(Errno.Invalid);
        ulong deadlineNs = 0;
        if (frame->A3 != 0)
        {
            ulong clock = (frame->A1 & ClockRealtime) != 0 ? 0UL : 1UL;
            long failure = LinuxTime.TryDeadline(
                kernel, thread.Process, clock, isAbsolute, frame->A3, out deadlineNs);
            if (failure != 0) return failure;
        }

        if (!TryReadWord(kernel, thread.Process, frame->A0, out uint word))
        {
            return LinuxCalls.Fail(Errno.BadAddress);
        }

        if (word != (uint)frame->A2) return LinuxCalls.Fail(Errno.Again);
        if (deadlineNs != 0 && deadlineNs <= kernel.NowNs) return LinuxCalls.Fail(Errno.TimedOut);
        thread.Linux.FutexAddress = frame->A0;
        thread.Linux.FutexBitset = bitset;
        AddLast(thread);
        kernel.Scheduler.Block(thread, ThreadState.InFutex);
        if (deadlineNs != 0) kernel.SetDeadline(thread, deadlineNs);
        return null;
    }

    /// <summary>Wakes up to a number of waiters; answers how many.</summary>
    public static long Wake(
        Kernel kernel, Process process, ulong address, uint limit, uint bitset)
    {
        long woken = 0;
        for (Thread? waiter = process.Linux.FirstWaiter; waiter is not null && woken < limit; )
        {
            Thread? next = waiter.NextWaiting;
            if (waiter.Linux.FutexAddress == address && (waiter.Linux.FutexBitset & bitset) != 0)
            {
                End(kernel, waiter, 0);
                woken++;
            }

            waiter = next;
        }

        return woken;
    }

    /// <summary>
    /// Wakes some, and lets others wait on a second word instead; answers both together.
    /// </summary>
    private static long Requeue(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong address = frame->A0, target = frame->A4;
        uint moveLimit = (uint)frame->A3;
        if (target % sizeof(uint) != 0) return LinuxCalls.Fail(Errno.Invalid);
        long changed =
            Wake(kernel, thread.Process, address, (uint)frame->A2, uint.MaxValue);
        Thread? waiter = thread.Process.Linux.FirstWaiter;
        for (uint moved = 0; waiter is not null && moved < moveLimit; waiter = waiter.NextWaiting)
        {
            if (waiter.Linux.FutexAddress != address) continue;
            waiter.Linux.FutexAddress = target;
            moved++;
            changed++;
        }

        return changed;
    }

    /// <summary>The wait is over: the thread runs on with this answer.</summary>
    public static void End(Kernel kernel, Thread waiter, long answer)
    {
        Remove(waiter);
        DeadlineQueue.End(waiter);
        waiter.Frame->Rax = (ulong)answer;
        kernel.Scheduler.MakeReady(waiter);
    }

    /// <summary>A copy of a thread waits for what the original waits for.</summary>
    public static void Inherit(Kernel kernel, Thread copy)
    {
        AddLast(copy);
        kernel.Scheduler.Block(copy, ThreadState.InFutex);
    }

    private static void AddLast(Thread thread)
    {
        LinuxProcess linux = thread.Process.Linux;
        thread.NextWaiting = null;
        thread.PreviousWaiting = linux.LastWaiter;
        if (linux.LastWaiter is null) linux.FirstWaiter = thread;
        else linux.LastWaiter.NextWaiting = thread;
        linux.LastWaiter = thread;
    }

    /// <summary>Takes a thread in state InFutex off the list; its state is the caller's.</summary>
    public static void Remove(Thread thread)
    {
        LinuxProcess linux = thread.Process.Linux;
        Thread? previous = thread.PreviousWaiting, next = thread.NextWaiting;
        if (previous is null) linux.FirstWaiter = next;
        else previous.NextWaiting = next;
        if (next is null) linux.LastWaiter = previous;
        else next.PreviousWaiting = previous;
        thread.NextWaiting = thread.PreviousWaiting = null;
    }

    private static bool TryReadWord(Kernel kernel, Process process, ulong address, out uint word)
    {
        System.Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bool isRead = kernel.UserMemory.TryRead(process, address, bytes);
        word = isRead ? System.BitConverter.ToUInt32(bytes) : 0;
        return isRead;
    }
}

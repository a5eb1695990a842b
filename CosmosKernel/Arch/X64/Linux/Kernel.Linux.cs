// The kernel's part that speaks Linux to the runtime in ring 3.

using System;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Processes;
using CosmosKernel.Threads;

namespace CosmosKernel;

public sealed unsafe partial class Kernel
{
    partial void HandleLinuxCall(Thread thread) => LinuxCalls.Dispatch(this, thread);

    partial void HandleFault(Thread thread) => LinuxFaults.Handle(this, thread);

    partial void DeliverSignal(Thread thread) => Signals.DeliverPending(this, thread);

    /// <summary>The time of a Linux wait has come.</summary>
    public void EndWait(Thread thread) => LinuxDeadlineReached(thread);

    partial void LinuxDeadlineReached(Thread thread)
    {
        if (thread.State == ThreadState.InFutex)
        {
            Futexes.End(this, thread, LinuxCalls.Fail(Errno.TimedOut));
        }
        else if (thread.State == ThreadState.InSleep)
        {
            thread.Frame->Rax = 0;
            Scheduler.MakeReady(thread);
        }
    }

    partial void LinuxThreadDied(Thread thread)
    {
        if (thread.State == ThreadState.InFutex) Futexes.Remove(thread);
        if (thread.Process.IsAlive) LinuxThreads.ClearChildTid(this, thread);
    }

    /// <summary>What a process writes to descriptors 1 and 2: lines of the kernel log.</summary>
    public void WriteOutput(Process process, ReadOnlySpan<byte> text)
    {
        foreach (Range line in text.Split((byte)'\n'))
            if (!text[line].IsEmpty) Log.Write(process.NameText, text[line]);
    }
}

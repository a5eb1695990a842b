// All threads that the machine can have, made at boot, with their register frames.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using Shared.Abi;
using System;

namespace CosmosKernel.Threads;

public sealed unsafe class ThreadTable
{
    readonly Thread[] threads;
    readonly int[] free;
    int freeCount;
    // Keeps the frames: pinned, so their addresses never change.
    readonly byte[] frameStore;

    public ThreadTable(int capacity)
    {
        threads = new Thread[capacity];
        free = new int[capacity];
        frameStore = GC.AllocateArray<byte>((capacity + 1) * sizeof(UserFrame), pinned: true);
        // Safety: the array is pinned and one frame longer than needed, for the alignment to 64.
        ulong first = (ulong)System.Runtime.CompilerServices.Unsafe.AsPointer(ref frameStore[0]);
        UserFrame* frames = (UserFrame*)(first + 63 & ~63ul);
        for (int index = 0; index < capacity; index++)
        {
            threads[index] = new Thread(index, frames + index);
            free[capacity - 1 - index] = index;
        }

        freeCount = capacity;
    }

    public int Capacity => threads.Length;
    public int Count => threads.Length - freeCount;
    /// <summary>No thread from here on has ever been: who looks at all stops here.</summary>
    public int End { get; private set; }
    public Thread this[int index] => threads[index];
    /// <summary>All records, for those who check the index themselves.</summary>
    public Thread[] Records => threads;

    /// <summary>
    /// A thread of the process, its frame zeroed, not yet ready: the caller fills the frame and
    /// calls MakeReady. Null: the thread quota or the table is used up.
    /// </summary>
    public Thread? Create(Process process)
    {
        if (freeCount == 0 || process.ThreadCount >= process.ThreadQuota) return null;
        Thread thread = threads[free[--freeCount]];
        if (thread.Index >= End) End = thread.Index + 1;
        *thread.Frame = default;
        thread.Reset(process);
        process.ThreadCount++;
        thread.NextInProcess = process.FirstThread;
        process.FirstThread = thread;
        if (process.State == ProcessState.Created) process.MainThread ??= thread;
        return thread;
    }

    /// <summary>Gives the record of a dead thread back. It is on no list any more.</summary>
    public void Free(Thread thread)
    {
        Process process = thread.Process;
        if (process.FirstThread == thread)
        {
            process.FirstThread = thread.NextInProcess;
        }
        else
        {
            Thread? previous = process.FirstThread;
            while (previous is not null && previous.NextInProcess != thread)
                previous = previous.NextInProcess;
            if (previous is not null) previous.NextInProcess = thread.NextInProcess;
        }

        process.EndedThreadsNs += thread.CpuNs;
        if (process.MainThread == thread) process.MainThread = null;
        thread.NextInProcess = null;
        thread.State = ThreadState.Free;
        thread.Generation++;
        free[freeCount++] = thread.Index;
    }
}

// Threads whose wait has a deadline, earliest first: a binary heap in two arrays made at boot.

using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Threads;

public sealed class DeadlineQueue(ThreadTable threads, int capacity)
{
    readonly ulong[] times = new ulong[capacity];
    readonly int[] indexes = new int[capacity];
    int count;

    public int Count => count;
    public ulong FirstNs => count == 0 ? ulong.MaxValue : times[0];

    /// <summary>Sets or changes the deadline; 0 takes the thread off the queue.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(Thread thread, ulong deadlineNs)
    {
        if (thread.DeadlineSlot >= 0) Remove(thread);
        thread.WaitDeadlineNs = deadlineNs;
        if (deadlineNs == 0) return;
        // Later than most, as a rule: a leaf, and there it stays.
        int slot = count++;
        if (slot == 0 || times[slot - 1 >> 1] <= deadlineNs) Put(slot, deadlineNs, thread);
        else MoveUp(slot, deadlineNs, thread);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(Thread thread)
    {
        int slot = thread.DeadlineSlot;
        thread.WaitDeadlineNs = 0;
        if (slot < 0) return;
        thread.DeadlineSlot = -1;
        if (slot != --count) Fill(slot);
    }

    /// <summary>The last one takes a place that has become free.</summary>
    void Fill(int slot)
    {
        Thread moved = threads[indexes[count]];
        ulong time = times[count];
        if (slot > 0 && times[slot - 1 >> 1] > time) MoveUp(slot, time, moved);
        else MoveDown(slot, time, moved);
    }

    /// <summary>
    /// The next thread whose deadline has come, off the queue; null when there is none.
    /// </summary>
    public Thread? TakeExpired(ulong nowNs)
    {
        if (count == 0 || times[0] > nowNs) return null;
        Thread thread = threads[indexes[0]];
        Remove(thread);
        return thread;
    }

    void MoveUp(int slot, ulong time, Thread thread)
    {
        while (slot > 0)
        {
            int parent = slot - 1 >> 1;
            if (times[parent] <= time) break;
            Put(slot, times[parent], threads[indexes[parent]]);
            slot = parent;
        }

        Put(slot, time, thread);
    }

    void MoveDown(int slot, ulong time, Thread thread)
    {
        while (true)
        {
            int child = slot * 2 + 1;
            if (child >= count) break;
            if (child + 1 < count && times[child + 1] < times[child]) child++;
            if (times[child] >= time) break;
            Put(slot, times[child], threads[indexes[child]]);
            slot = child;
        }

        Put(slot, time, thread);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Put(int slot, ulong time, Thread thread)
    {
        times[slot] = time;
        indexes[slot] = thread.Index;
        thread.DeadlineSlot = slot;
    }
}

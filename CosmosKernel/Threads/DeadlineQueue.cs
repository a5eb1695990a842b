// Threads whose wait has a deadline, earliest first: a binary heap in two arrays made at boot.
//
// Rules: most waits end before their deadline, and the next one's is later. So a place in the heap
// stays when its wait ends, and says a time that is not later than the thread's deadline; who has
// none any more, or a later one, is found when that time comes, once in as long as a wait may last.

using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Threads;

public sealed class DeadlineQueue(ThreadTable threads, int capacity)
{
    readonly ulong[] times = new ulong[capacity];
    readonly int[] indexes = new int[capacity];
    int count;

    public int Count => count;
    /// <summary>No deadline is earlier.</summary>
    public ulong FirstNs => count == 0 ? ulong.MaxValue : times[0];

    /// <summary>A wait of the thread begins, which ends then at the latest; 0 never.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(Thread thread, ulong deadlineNs)
    {
        thread.WaitDeadlineNs = deadlineNs;
        if (deadlineNs == 0) return;
        int slot = thread.DeadlineSlot;
        if (slot < 0) MoveUp(count++, deadlineNs, thread);
        else if (times[slot] > deadlineNs) MoveUp(slot, deadlineNs, thread);
    }

    /// <summary>The wait is over. The place stays, until its time comes or another wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(Thread thread) => thread.WaitDeadlineNs = 0;

    /// <summary>The thread waits no more, ever.</summary>
    public void Remove(Thread thread)
    {
        thread.WaitDeadlineNs = 0;
        int slot = thread.DeadlineSlot;
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
    /// The next thread whose deadline has come; its wait is over. Null when there is none, or when
    /// so many places were looked at.
    /// </summary>
    public Thread? TakeExpired(ulong nowNs, ref int left)
    {
        while (left > 0 && count != 0 && times[0] <= nowNs)
        {
            left--;
            Thread thread = threads[indexes[0]];
            ulong deadlineNs = thread.WaitDeadlineNs;
            if (deadlineNs > nowNs)
            {
                MoveDown(0, deadlineNs, thread);
                continue;
            }
            Remove(thread);
            if (deadlineNs != 0) return thread;
        }
        return null;
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

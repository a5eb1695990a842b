// Who runs next: three priorities, first come first served in each, no cost for what waits.
//
// A thread runs until it blocks. Only a thread of higher priority, or the end of a time slice while
// another of its priority waits, takes the processor from it. One that overstays while lower ones
// wait has the lowest priority until its next wait: no loop keeps the others from running. Rules: a
// queued thread is Ready and not stopped; the current thread is not queued.

using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Threads;

public sealed class Scheduler
{
    /// <summary>So many ticks in a row find a thread that overstays: 50 ms.</summary>
    public const int OverstayTicks = 5;
    const int Levels = (int)Priority.Driver + 1;

    // Indices and not references: they change with each switch, and would cost a barrier each time.
    readonly int[] firsts = NewEnds(), lasts = NewEnds();
    readonly Thread?[] threads = new Thread?[Limits.Threads + 1];
    uint readyMask;
    int current = None;
    const int None = Limits.Threads;
    int lastTicked = None, ticksInARow;
    uint lastReceives;

    /// <summary>Runs now or runs next; null when it has blocked.</summary>
    public Thread? Current => threads[current];

    public bool HasReady => readyMask != 0 || current != None;

    /// <summary>A queued thread takes the processor from the current one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsDisplaced(Thread thread) => (readyMask & thread.HigherLevels) != 0;

    public Thread? Next()
    {
        Thread? thread = threads[current];
        return thread is not null && !IsDisplaced(thread) ? thread : Pick();
    }

    Thread? Pick()
    {
        if (threads[current] is { } displaced)
        {
            current = None;
            Insert(displaced, isFirst: true);
        }

        if (readyMask == 0) return null;
        Thread thread = threads[firsts[System.Numerics.BitOperations.Log2(readyMask)]]!;
        Remove(thread);
        MakeCurrent(thread);
        return thread;
    }

    /// <summary>The thread's wait is over: it waits for the processor now.</summary>
    public void MakeReady(Thread thread)
    {
        thread.State = ThreadState.Ready;
        if (thread.EffectivePriority < thread.BasePriority)
            SetPriority(thread, thread.BasePriority);
        if (!thread.IsStopped) Insert(thread, isFirst: false);
    }

    /// <summary>The current thread hands the processor to one that was waiting for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void HandOver(Thread thread)
    {
        thread.State = ThreadState.Ready;
        if (current == None && !thread.IsStopped) MakeCurrent(thread);
        else MakeReady(thread);
    }

    public bool IsCurrent(Thread thread) => current == thread.Index;

    /// <summary>
    /// The current thread blocks and hands the processor to one that waits, is not stopped and has
    /// run before (any thread in a call or a receive has).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Switch(Thread from, ThreadState state, Thread to)
    {
        current = to.Index;
        from.State = state;
        to.State = ThreadState.Ready;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void MakeCurrent(Thread thread)
    {
        if (threads[thread.Index] is null) threads[thread.Index] = thread;
        current = thread.Index;
    }

    /// <summary>The thread runs no more, until MakeReady. Works in every state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Block(Thread thread, ThreadState state)
    {
        thread.State = state;
        if (current == thread.Index) current = None;
        else if (thread.IsQueuedReady) Remove(thread);
    }

    /// <summary>The current thread goes behind the others of its priority.</summary>
    public void Yield()
    {
        if (threads[current] is not { } thread) return;
        current = None;
        Insert(thread, isFirst: false);
    }

    /// <summary>
    /// A tick has passed. Others of the same priority get their turn; of lower ones too, when the
    /// thread has run for so many ticks.
    /// </summary>
    public void EndTimeSlice()
    {
        uint receives = threads[current]?.Process.EndpointReceives ?? 0;
        // Who comes back for requests works, and does not overstay.
        bool hasStayed = current == lastTicked && receives == lastReceives;
        ticksInARow = hasStayed ? ticksInARow + 1 : 1;
        lastTicked = current;
        lastReceives = receives;
        if (threads[current] is not { } thread) return;
        uint lowerLevels = (1u << (int)thread.EffectivePriority) - 1;
        if (ticksInARow >= OverstayTicks && (readyMask & lowerLevels) != 0)
            thread.EffectivePriority = Priority.Program;
        if (firsts[(int)thread.EffectivePriority] != None) Yield();
    }

    public void SetPriority(Thread thread, Priority priority)
    {
        if (thread.EffectivePriority == priority) return;
        bool wasQueued = thread.IsQueuedReady;
        if (wasQueued) Remove(thread);
        thread.EffectivePriority = priority;
        if (wasQueued) Insert(thread, isFirst: false);
    }

    public void Stop(Thread thread)
    {
        thread.IsStopped = true;
        if (current == thread.Index) current = None;
        else if (thread.IsQueuedReady) Remove(thread);
    }

    public void Continue(Thread thread)
    {
        thread.IsStopped = false;
        if (thread.State == ThreadState.Ready && current != thread.Index && !thread.IsQueuedReady)
            Insert(thread, isFirst: false);
    }

    void Insert(Thread thread, bool isFirst)
    {
        int index = thread.Index, level = (int)thread.EffectivePriority;
        if (threads[index] is null) threads[index] = thread;
        int previous = isFirst ? None : lasts[level], next = isFirst ? firsts[level] : None;
        thread.PreviousReady = previous;
        thread.NextReady = next;
        thread.IsQueuedReady = true;
        readyMask |= 1u << level;
        if (previous == None) firsts[level] = index;
        else threads[previous]!.NextReady = index;
        if (next == None) lasts[level] = index;
        else threads[next]!.PreviousReady = index;
    }

    void Remove(Thread thread)
    {
        int level = (int)thread.EffectivePriority;
        int previous = thread.PreviousReady, next = thread.NextReady;
        if (previous == None) firsts[level] = next;
        else threads[previous]!.NextReady = next;
        if (next == None) lasts[level] = previous;
        else threads[next]!.PreviousReady = previous;
        thread.IsQueuedReady = false;
        if (firsts[level] == None) readyMask &= ~(1u << level);
    }

    static int[] NewEnds()
    {
        int[] ends = new int[Levels];
        System.Array.Fill(ends, None);
        return ends;
    }
}

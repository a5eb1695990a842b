// Who runs next: three priorities, first come first served in each, no cost for what waits.
//
// A thread runs until it blocks. Only a thread of higher priority, or the end of a time slice while
// another of its priority waits, takes the processor from it. Rules: a queued thread is Ready and
// not stopped; the current thread is not queued.

using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Threads;

public sealed class Scheduler
{
    const int Levels = (int)Priority.Driver + 1;

    readonly Thread?[] firsts = new Thread?[Levels];
    readonly Thread?[] lasts = new Thread?[Levels];
    uint readyMask;
    Thread? current;

    /// <summary>Runs now or runs next; null when it has blocked.</summary>
    public Thread? Current => current;

    public bool HasReady => readyMask != 0 || current is not null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Thread? Next()
    {
        Thread? thread = current;
        return thread is not null && readyMask >> (int)thread.EffectivePriority + 1 == 0
            ? thread
            : Pick();
    }

    Thread? Pick()
    {
        if (current is { } displaced)
        {
            current = null;
            Insert(displaced, isFirst: true);
        }

        if (readyMask == 0) return null;
        Thread thread = firsts[System.Numerics.BitOperations.Log2(readyMask)]!;
        Remove(thread);
        return current = thread;
    }

    /// <summary>The thread's wait is over: it waits for the processor now.</summary>
    public void MakeReady(Thread thread)
    {
        thread.State = ThreadState.Ready;
        if (!thread.IsStopped) Insert(thread, isFirst: false);
    }

    /// <summary>The current thread hands the processor to one that was waiting for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void HandOver(Thread thread)
    {
        thread.State = ThreadState.Ready;
        if (current is null && !thread.IsStopped) current = thread;
        else MakeReady(thread);
    }

    /// <summary>The thread runs no more, until MakeReady. Works in every state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Block(Thread thread, ThreadState state)
    {
        thread.State = state;
        if (current == thread) current = null;
        else if (thread.IsQueuedReady) Remove(thread);
    }

    /// <summary>The current thread goes behind the others of its priority.</summary>
    public void Yield()
    {
        if (current is not { } thread) return;
        current = null;
        Insert(thread, isFirst: false);
    }

    /// <summary>A tick has passed. Others of the same priority get their turn.</summary>
    public void EndTimeSlice()
    {
        if (current is { } thread && firsts[(int)thread.EffectivePriority] is not null) Yield();
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
        if (current == thread) current = null;
        else if (thread.IsQueuedReady) Remove(thread);
    }

    public void Continue(Thread thread)
    {
        thread.IsStopped = false;
        if (thread.State == ThreadState.Ready && current != thread && !thread.IsQueuedReady)
            Insert(thread, isFirst: false);
    }

    void Insert(Thread thread, bool isFirst)
    {
        int level = (int)thread.EffectivePriority;
        Thread? first = firsts[level], last = lasts[level];
        thread.PreviousReady = isFirst ? null : last;
        thread.NextReady = isFirst ? first : null;
        thread.IsQueuedReady = true;
        readyMask |= 1u << level;
        if (first is null)
        {
            firsts[level] = lasts[level] = thread;
            return;
        }

        if (isFirst)
        {
            first.PreviousReady = thread;
            firsts[level] = thread;
            return;
        }

        last!.NextReady = thread;
        lasts[level] = thread;
    }

    void Remove(Thread thread)
    {
        int level = (int)thread.EffectivePriority;
        Thread? previous = thread.PreviousReady, next = thread.NextReady;
        if (previous is null) firsts[level] = next;
        else previous.NextReady = next;
        if (next is null) lasts[level] = previous;
        else next.PreviousReady = previous;
        thread.PreviousReady = thread.NextReady = null;
        thread.IsQueuedReady = false;
        if (firsts[level] is null) readyMask &= ~(1u << level);
    }
}

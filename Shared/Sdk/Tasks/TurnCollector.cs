// Collects a server's garbage between two requests, before the runtime has to in one of them.
//
// The runtime walks the stack twice for a collection, at some 3,500 instructions a frame each time:
// between requests there are few. Nobody's request is in hand then, and no transaction.

using System;
using System.Runtime.CompilerServices;

namespace Shared.Sdk.Tasks;

/// <param name="isOn">False where the heap is not the server's own: on a host.</param>
internal sealed class TurnCollector(bool isOn)
{
    /// <summary>By the serial number of the request. A power of two.</summary>
    public const uint TurnsBetweenLooks = 256;
    /// <summary>A quarter of what the runtime would wait for (StartBlock.cs).</summary>
    private const long Bytes = 1024 * 1024;

    private long _lookedAt;

    public bool IsDue()
    {
        if (!isOn) return false;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        if (allocated - _lookedAt < Bytes) return false;
        _lookedAt = allocated;
        return true;
    }

    /// <summary>
    /// For when there is nothing else to do: the first collection of a process takes more than
    /// twice as long as others, whether or not there is much garbage.
    /// </summary>
    public void CollectFirst()
    {
        if (isOn && GC.CollectionCount(0) == 0) Collect();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Collect() =>
        GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: false);
}

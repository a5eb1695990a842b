// Eight entries of a page table at once: most of a table is empty, or of one kind.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: the caller has a pointer to a whole group, in a table of the direct map.
public static unsafe class EntryGroup
{
    public const int Count = 8;
    /// <summary>What a group spans.</summary>
    public const ulong SpanBytes = Count * Limits.PageBytes;

    public static bool StartsAt(ulong address) => address % SpanBytes == 0;

    /// <summary>Bits that any of the entries has; 0 when all are empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong BitsOf(ulong* group)
    {
        Vector128<ulong> all = Vector128.Load(group) | Vector128.Load(group + 2)
            | Vector128.Load(group + 4) | Vector128.Load(group + 6);
        return all.GetElement(0) | all.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsEmpty(ulong* group) =>
        (Vector128.Load(group) | Vector128.Load(group + 2) | Vector128.Load(group + 4)
            | Vector128.Load(group + 6)) == Vector128<ulong>.Zero;

    /// <summary>Copies the entries without some of their bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ulong* source, ulong* target, ulong without)
    {
        Vector128<ulong> keep = Vector128.Create(~without);
        for (int i = 0; i < Count; i += 2) (Vector128.Load(source + i) & keep).Store(target + i);
    }

    /// <summary>
    /// Index of the first used entry from here on; the end, which is a group's, if none is.
    /// </summary>
    public static int NextUsed(ulong* table, int index, int end)
    {
        for (; index < end && index % Count != 0; index++)
            if (table[index] != 0) return index;
        while (index < end && IsEmpty(table + index)) index += Count;
        while (index < end && table[index] == 0) index++;
        return index;
    }
}

// Reply handles of a dying server, to be put in the order in which they were given out.
//
// A handle's number says that order. Sorted a byte at a time, the lowest first, and only by bytes
// in which they differ: some dozens of instructions a handle, whatever order they came in.

using CosmosKernel.Ipc;
using System;

namespace CosmosKernel.Processes;

public sealed class ReceiptOrder(int capacity)
{
    const int DigitBits = 8;
    const int Digits = 1 << DigitBits;

    readonly int[] starts = new int[Digits];
    ulong[] handles = new ulong[capacity];
    ulong[] others = new ulong[capacity];
    int count, shift;
    ulong varying, last;
    bool isSorted;

    /// <summary>In the order of receipt, once there is nothing left to sort.</summary>
    public ReadOnlySpan<ulong> Handles => handles.AsSpan(0, count);

    public void Clear()
    {
        count = 0;
        shift = Replies.NumberShift;
        varying = last = 0;
        isSorted = true;
    }

    public void Add(ulong handle)
    {
        if (count != 0) varying |= handle ^ last;
        isSorted &= handle > last;
        last = handle;
        handles[count++] = handle;
    }

    /// <summary>Sorts by one byte. False: they are in order.</summary>
    public bool SortOnce()
    {
        if (isSorted) return false;
        while (shift < 64 && (byte)(varying >> shift) == 0) shift += DigitBits;
        if (shift >= 64) return false;
        SortBy(shift);
        shift += DigitBits;
        return true;
    }

    void SortBy(int shift)
    {
        Span<int> next = starts;
        next.Clear();
        foreach (ulong handle in Handles) next[(byte)(handle >> shift)]++;
        int start = 0;
        for (int digit = 0; digit < Digits; digit++)
        {
            int ofDigit = next[digit];
            next[digit] = start;
            start += ofDigit;
        }

        Span<ulong> target = others;
        foreach (ulong handle in Handles) target[next[(byte)(handle >> shift)]++] = handle;
        (handles, others) = (others, handles);
    }
}

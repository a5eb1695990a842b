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
    int count;
    ulong varying, last;
    bool isSorted;

    /// <summary>In the order of receipt, once Sort was called.</summary>
    public ReadOnlySpan<ulong> Handles => handles.AsSpan(0, count);

    public void Clear()
    {
        count = 0;
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

    public void Sort()
    {
        if (isSorted) return;
        for (int shift = Replies.NumberShift; shift < 64; shift += DigitBits)
            if ((byte)(varying >> shift) != 0) SortBy(shift);
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

// Physical frames: which are free, and how one is taken and given back.
//
// The table itself lies in the RAM that it describes (4 bytes a frame), so it costs no heap. A
// frame is named by its physical address; 0 is none. What a frame is used for, and who is charged
// for it, its user knows.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CosmosKernel.Boot;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: every pointer is into the direct map, at frames that boot has handed over.
public sealed unsafe class FrameTable
{
    /// <summary>Frame numbers are 32 bits with three values reserved: 16 TiB is plenty.</summary>
    private const uint Unmanaged = 0, Used = uint.MaxValue, LastFree = uint.MaxValue - 1;
    private const int PageShift = 12;

    private readonly byte* _physical;
    private readonly uint* _entries;
    private readonly uint _entryCount;
    private uint _firstFree = LastFree;

    public ulong TotalFrames { get; private set; }
    public ulong FreeFrames { get; private set; }

    /// <summary>Takes all RAM ranges; they may not overlap and may hold nothing of value.</summary>
    public FrameTable(byte* physicalMemory, ReadOnlySpan<RamRange> ranges)
    {
        _physical = physicalMemory;
        if (ranges.Length == 0) return;
        ulong end = 0;
        RamRange largest = default;
        foreach (RamRange range in ranges)
        {
            end = Math.Max(end, range.PhysicalFirst + range.LengthBytes);
            if (range.LengthBytes > largest.LengthBytes) largest = range;
        }

        _entryCount = checked((uint)(end >> PageShift));
        ulong tableBytes = (_entryCount * (ulong)sizeof(uint) + Limits.PageBytes - 1)
            & ~(Limits.PageBytes - 1UL);
        if (tableBytes >= largest.LengthBytes)
        {
            throw new InvalidOperationException("too little memory for the frame table");
        }

        // Safety: the direct map covers all RAM, and the range is ours alone.
        _entries = (uint*)(physicalMemory + largest.PhysicalFirst);
        Zero((byte*)_entries, tableBytes);
        for (int i = ranges.Length - 1; i >= 0; i--)
        {
            ulong first = ranges[i].PhysicalFirst;
            AddFree(first == largest.PhysicalFirst ? first + tableBytes : first,
                first + ranges[i].LengthBytes);
        }
    }

    private void AddFree(ulong first, ulong end)
    {
        // From the top, so that the lowest frame is taken first; frame 0 stays out: it means none.
        for (ulong frame = end; frame > first && frame > Limits.PageBytes; )
        {
            frame -= Limits.PageBytes;
            _entries[frame >> PageShift] = _firstFree;
            _firstFree = (uint)(frame >> PageShift);
            TotalFrames++;
            FreeFrames++;
        }
    }

    /// <summary>True for RAM that this table gives out, free or not.</summary>
    public bool IsManaged(ulong frame) =>
        frame >> PageShift < _entryCount && _entries[frame >> PageShift] != Unmanaged;

    /// <summary>A zeroed frame, or 0 when the machine has none left.</summary>
    public ulong TryTakeZeroed()
    {
        ulong frame = TryTake();
        if (frame != 0) Zero(_physical + frame, Limits.PageBytes);
        return frame;
    }

    /// <summary>Frees what the dead still hold, before the living are refused a frame.</summary>
    public Reclaimer? Reclaimer { private get; set; }

    /// <summary>For a table whose records hold frames: Reclaimer.RunUntilFree.</summary>
    public void ReclaimUntilFree(in int free) => Reclaimer?.RunUntilFree(in free);

    /// <summary>
    /// A frame with whatever was in it: the caller overwrites all of it. 0: none.
    /// </summary>
    public ulong TryTake()
    {
        while (_firstFree == LastFree && Reclaimer?.TryRunSlice() == true)
        {
        }

        uint number = _firstFree;
        if (number == LastFree) return 0;
        _firstFree = _entries[number];
        _entries[number] = Used;
        FreeFrames--;
        return (ulong)number << PageShift;
    }

    public void Release(ulong frame)
    {
        uint number = (uint)(frame >> PageShift);
        if (number >= _entryCount || _entries[number] != Used)
        {
            throw new InvalidOperationException("a frame was released that is not in use");
        }

        _entries[number] = _firstFree;
        _firstFree = number;
        FreeFrames++;
    }

    /// <summary>
    /// Zeroes a multiple of 64 bytes. The emulator counts each step of `rep stos`.
    /// </summary>
    public static void Zero(byte* target, ulong lengthBytes)
    {
        // Safety: the caller owns the whole span.
        byte* end = target + lengthBytes;
        if (s_clearBlocks is not null && lengthBytes >= BlockBytes)
        {
            ulong blocks = lengthBytes / BlockBytes;
            s_clearBlocks(target, blocks);
            target += blocks * BlockBytes;
        }

        for (; target < end; target += 64)
        {
            Vector128<byte>.Zero.Store(target);
            Vector128<byte>.Zero.Store(target + 16);
            Vector128<byte>.Zero.Store(target + 32);
            Vector128<byte>.Zero.Store(target + 48);
        }
    }

    /// <summary>Copies any number of bytes between spans that do not overlap.</summary>
    public static void Copy(byte* source, byte* target, ulong lengthBytes)
    {
        // Safety: the caller owns both spans.
        if (s_copyBlocks is not null && lengthBytes >= BlockBytes)
        {
            ulong blocks = lengthBytes / BlockBytes;
            s_copyBlocks(source, target, blocks);
            source += blocks * BlockBytes;
            target += blocks * BlockBytes;
            lengthBytes %= BlockBytes;
        }

        for (; lengthBytes >= BlockBytes; lengthBytes -= BlockBytes)
        {
            Copy128(source, target);
            Copy128(source + BlockBytes / 2, target + BlockBytes / 2);
            source += BlockBytes;
            target += BlockBytes;
        }

        if ((lengthBytes & 128) != 0)
        {
            Copy128(source, target);
            source += 128;
            target += 128;
        }

        for (ulong left = lengthBytes & 112; left > 0; left -= 16, source += 16, target += 16)
        {
            Vector128.Load(source).Store(target);
        }

        if ((lengthBytes & 8) != 0)
        {
            *(ulong*)target = *(ulong*)source;
            source += 8;
            target += 8;
        }

        for (ulong left = lengthBytes & 7; left > 0; left--) *target++ = *source++;
    }

    /// <summary>Bytes of one turn of Copy: each turn costs four instructions beside them.</summary>
    private const ulong BlockBytes = 256;

    /// <summary>With registers of 32 bytes; null on a processor that has none.</summary>
    private static delegate* unmanaged[SuppressGCTransition]<byte*, byte*, ulong, void>
        s_copyBlocks;
    private static delegate* unmanaged[SuppressGCTransition]<byte*, ulong, void> s_clearBlocks;

    /// <summary>The shim's routines, whose last argument is a number of blocks of 256 bytes.
    /// </summary>
    public static void UseWideBlocks(
        delegate* unmanaged[SuppressGCTransition]<byte*, byte*, ulong, void> copy,
        delegate* unmanaged[SuppressGCTransition]<byte*, ulong, void> clear)
    {
        s_copyBlocks = copy;
        s_clearBlocks = clear;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy128(byte* source, byte* target)
    {
        Vector128<byte> a = Vector128.Load(source), b = Vector128.Load(source + 16);
        Vector128<byte> c = Vector128.Load(source + 32), d = Vector128.Load(source + 48);
        Vector128<byte> e = Vector128.Load(source + 64), f = Vector128.Load(source + 80);
        Vector128<byte> g = Vector128.Load(source + 96), h = Vector128.Load(source + 112);
        a.Store(target);
        b.Store(target + 16);
        c.Store(target + 32);
        d.Store(target + 48);
        e.Store(target + 64);
        f.Store(target + 80);
        g.Store(target + 96);
        h.Store(target + 112);
    }
}

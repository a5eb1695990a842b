// The frames of a Memory object or a vault, by page number; they come on first touch.
//
// Two levels of frames that hold addresses of frames: up to 1 GiB, and nothing on the heap.

using Shared.Abi;

namespace CosmosKernel.Memory;

public unsafe struct FrameList
{
    private const uint PerFrame = 512;
    public const uint MaxPages = PerFrame * PerFrame;
    /// <summary>Of ReleaseSlice: what a page costs.</summary>
    private const int FreedSteps = 10;

    private ulong _root;

    /// <summary>Frames in use: pages and what lists them.</summary>
    public uint FrameCount { get; private set; }

    /// <summary>Frame of the page, or 0 when it was not touched yet.</summary>
    public readonly ulong Get(byte* physical, uint page)
    {
        if (_root == 0) return 0;
        // Safety: lists are frames, frames lie in the direct map, and pages are below MaxPages.
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        return list == 0 ? 0 : ((ulong*)(physical + list))[page % PerFrame];
    }

    /// <summary>Frames that touching the page would take: 1 to 3, or 0 when it is there.</summary>
    public readonly uint CostOf(byte* physical, uint page)
    {
        if (_root == 0) return 3;
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        if (list == 0) return 2;
        return ((ulong*)(physical + list))[page % PerFrame] == 0 ? 1u : 0u;
    }

    /// <summary>
    /// The page's frame, taken and zeroed if need be; 0 when the machine has none.
    /// </summary>
    public ulong GetOrTake(FrameTable frames, byte* physical, uint page)
    {
        if (!TryTake(frames, ref _root)) return 0;
        // Safety: as Get.
        ref ulong list = ref ((ulong*)(physical + _root))[page / PerFrame];
        if (!TryTake(frames, ref list)) return 0;
        ref ulong frame = ref ((ulong*)(physical + list))[page % PerFrame];
        return TryTake(frames, ref frame) ? frame : 0;
    }

    private bool TryTake(FrameTable frames, ref ulong frame)
    {
        if (frame != 0) return true;
        frame = frames.TryTakeZeroed();
        if (frame != 0) FrameCount++;
        return frame != 0;
    }

    /// <summary>Frees one page; it is zero again. False when it was not there.</summary>
    public bool Discard(FrameTable frames, byte* physical, uint page)
    {
        if (Get(physical, page) == 0) return false;
        // Safety: as Get.
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        ref ulong frame = ref ((ulong*)(physical + list))[page % PerFrame];
        frames.Release(frame);
        frame = 0;
        FrameCount--;
        return true;
    }

    /// <summary>The first page at or after this one, before the end, whose list exists.</summary>
    public readonly uint SkipMissing(byte* physical, uint page, uint end)
    {
        if (_root == 0) return end;
        // Safety: as Get.
        ulong* root = (ulong*)(physical + _root);
        while (page < end && root[page / PerFrame] == 0) page = (page / PerFrame + 1) * PerFrame;
        return page;
    }

    /// <summary>
    /// Frees from the page on, for so many steps of about 10 instructions; true: done.
    /// </summary>
    public bool ReleaseSlice(FrameTable frames, byte* physical, ref uint page, ref int steps)
    {
        if (_root == 0) return true;
        // Safety: as Get.
        ulong* root = (ulong*)(physical + _root);
        while (page < MaxPages)
        {
            if (steps <= 0) return false;
            ref ulong list = ref root[page / PerFrame];
            bool isFreed = list != 0 && Discard(frames, physical, page);
            steps -= isFreed ? FreedSteps : 2;
            page = list == 0 ? (page / PerFrame + 1) * PerFrame : page + 1;
            if (page % PerFrame != 0 || list == 0) continue;
            frames.Release(list);
            list = 0;
            FrameCount--;
        }

        frames.Release(_root);
        FrameCount--;
        _root = 0;
        return true;
    }
}

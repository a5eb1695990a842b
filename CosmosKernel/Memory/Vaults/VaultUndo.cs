// What a probe has changed in a vault: the pages as they were, so that all of it can be taken back.
//
// Two levels of frames, as FrameList has them; each entry says what became of the page. Costs grow
// with the pages that were written, not with the vault.

using Shared.Abi;

namespace CosmosKernel.Memory.Vaults;

// Safety: lists are frames, frames lie in the direct map, and pages are below FrameList.MaxPages.
public unsafe struct VaultUndo
{
    /// <summary>The page had no frame. Other entries are the address of a copy.</summary>
    public const ulong WasAbsent = 1;
    public const uint PerFrame = 512;

    private ulong _root;

    /// <summary>Frames in use: copies, and what lists them.</summary>
    public uint FrameCount { get; private set; }

    /// <summary>0 while the page is as it was at the beginning of the probe.</summary>
    public readonly ulong Get(byte* physical, uint page)
    {
        if (_root == 0) return 0;
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        return list == 0 ? 0 : ((ulong*)(physical + list))[page % PerFrame];
    }

    /// <summary>Makes the lists for the page. False: the machine has no frame for them.</summary>
    public bool TryMakeRoom(FrameTable frames, byte* physical, uint page)
    {
        if (!TryTake(frames, ref _root)) return false;
        return TryTake(frames, ref ((ulong*)(physical + _root))[page / PerFrame]);
    }

    /// <summary>After TryMakeRoom. The copy's frame is the list's from now on.</summary>
    public void Set(byte* physical, uint page, ulong entry)
    {
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        ((ulong*)(physical + list))[page % PerFrame] = entry;
        if (entry != WasAbsent) FrameCount++;
    }

    /// <summary>The first changed page at or after this one; MaxPages at the end.</summary>
    public readonly uint Next(byte* physical, uint page)
    {
        if (_root == 0) return FrameList.MaxPages;
        ulong* root = (ulong*)(physical + _root);
        while (page < FrameList.MaxPages)
        {
            if (root[page / PerFrame] == 0) page = (page / PerFrame + 1) * PerFrame;
            else if (Get(physical, page) != 0) return page;
            else page++;
        }

        return page;
    }

    /// <summary>As Get, of a changed page; the copy is the caller's from now on.</summary>
    public ulong Take(byte* physical, uint page)
    {
        ulong list = ((ulong*)(physical + _root))[page / PerFrame];
        ref ulong place = ref ((ulong*)(physical + list))[page % PerFrame];
        ulong entry = place;
        place = 0;
        if (entry != WasAbsent) FrameCount--;
        return entry;
    }

    /// <summary>Frees the lists. What the entries hold, their user has dealt with.</summary>
    public void Clear(FrameTable frames, byte* physical)
    {
        if (_root == 0) return;
        ulong* root = (ulong*)(physical + _root);
        for (uint index = 0; index < PerFrame; index++)
            if (root[index] != 0) frames.Release(root[index]);
        frames.Release(_root);
        _root = 0;
        FrameCount = 0;
    }

    bool TryTake(FrameTable frames, ref ulong frame)
    {
        if (frame != 0) return true;
        frame = frames.TryTakeZeroed();
        if (frame != 0) FrameCount++;
        return frame != 0;
    }
}

// A span of bytes that several processes can map and that outlives them: RAM, an image of the boot
// archive, or device registers.
//
// Pooled: made at boot by MemoryObjectTable. Alive while it has a capability or a mapping.

using System;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

public enum MemoryObjectKind : byte
{
    Free = 0,
    /// <summary>Zeroed RAM; frames come on first touch, all are charged when it is made.</summary>
    Ram = 1,
    /// <summary>Part of the boot archive: contiguous, never written, never freed.</summary>
    Image = 2,
    /// <summary>Device registers: contiguous, not RAM.</summary>
    Device = 3,
    /// <summary>Nobody holds it any more; its frames are being freed.</summary>
    Dying = 4,
}

// Safety: frames are the object's own, in the direct map.
public sealed unsafe class MemoryObject(int index, byte* physical)
{
    private readonly byte* _physical = physical;

    public readonly int Index = index;
    public uint Generation = 1;
    public MemoryObjectKind Kind;
    public ObjectMaker Maker;
    public ulong LengthBytes;
    /// <summary>Image, Device: where it lies.</summary>
    public ulong PhysicalFirst;
    /// <summary>Ram: its frames.</summary>
    public FrameList Frames;
    /// <summary>
    /// Ram: the device that may write it at any time; -1 for none. Such memory is never freed.
    /// </summary>
    public int DmaDevice = -1;
    public bool IsDma => DmaDevice >= 0;
    /// <summary>Capabilities for it, and regions that show it.</summary>
    public int Capabilities, Mappings;
    /// <summary>Who is charged, until the record is another process's.</summary>
    public Process? Payer;
    public ProcessId PayerId;
    public uint ChargedPages;
    /// <summary>Where the reclaimer has got to.</summary>
    public uint ReclaimPage;
    public MemoryObject? NextDying;

    public bool IsCharged => Payer is { IsUsed: true } payer && payer.Id == PayerId;

    public ulong PageCount => (LengthBytes + Limits.PageBytes - 1) / Limits.PageBytes;

    /// <summary>
    /// Frame of the page; takes it on first touch. 0 when the machine has none left.
    /// </summary>
    public ulong FrameOf(FrameTable frames, ulong page) =>
        Kind == MemoryObjectKind.Ram
            ? Frames.GetOrTake(frames, _physical, (uint)page)
            : PhysicalFirst + page * Limits.PageBytes;

    /// <summary>Bytes of the object, as they are; false beyond its end.</summary>
    public bool TryRead(ulong offset, Span<byte> target)
    {
        if (offset > LengthBytes || (ulong)target.Length > LengthBytes - offset) return false;
        while (target.Length > 0)
        {
            uint inPage = (uint)(offset % Limits.PageBytes);
            int step = Math.Min(target.Length, (int)(Limits.PageBytes - inPage));
            ulong page = offset / Limits.PageBytes;
            ulong frame = Kind == MemoryObjectKind.Ram
                ? Frames.Get(_physical, (uint)page)
                : PhysicalFirst + page * Limits.PageBytes;
            // Safety: the frame is the object's, and the step does not leave it.
            if (Kind == MemoryObjectKind.Ram && frame == 0) target[..step].Clear();
            else new ReadOnlySpan<byte>(_physical + frame + inPage, step).CopyTo(target);
            target = target[step..];
            offset += (ulong)step;
        }

        return true;
    }
}

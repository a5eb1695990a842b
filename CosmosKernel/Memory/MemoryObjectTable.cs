// Makes and frees Memory objects. Freeing is sliced: see ReclaimSlice.
//
// Rules: whoever removes the last capability or mapping calls Settle. Memory that a device may
// write stays with that device for as long as the machine runs, whoever dies: nobody can know when
// a device that nobody drives has stopped writing.

using System;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

// Safety: the base of the direct map is handed on, and never followed here.
public sealed unsafe class MemoryObjectTable : IObjectTable
{
    private readonly FrameTable _frames;
    private readonly byte* _physical;
    private readonly MemoryObject[] _objects;
    private readonly int[] _free;
    private int _freeCount;
    private MemoryObject? _firstDying;

    public MemoryObjectTable(FrameTable frames, byte* physical, int capacity)
    {
        _frames = frames;
        _physical = physical;
        _objects = new MemoryObject[capacity];
        _free = new int[capacity];
        for (int i = capacity - 1; i >= 0; i--)
        {
            _objects[i] = new MemoryObject(i, physical);
            _free[_freeCount++] = i;
        }
    }

    public int Capacity => _objects.Length;
    public int Count => _objects.Length - _freeCount;
    /// <summary>No record from here on has ever been used.</summary>
    public int End { get; private set; }
    public bool HasDying => _firstDying is not null;
    public MemoryObject this[int index] => _objects[index];

    /// <summary>Zeroed RAM, charged to the process: its pages and what lists them.</summary>
    public Status TryMakeRam(Process payer, ulong lengthBytes, out MemoryObject made)
    {
        made = null!;
        if (lengthBytes == 0) return Status.BadArgument;
        if (lengthBytes > (ulong)FrameList.MaxPages * Limits.PageBytes) return Status.TooLarge;
        ulong pages = (lengthBytes + Limits.PageBytes - 1) / Limits.PageBytes;
        uint charge = (uint)(pages + (pages + 511) / 512 + 1);
        if (charge > payer.MemoryQuotaPages - Math.Min(payer.MemoryPages, payer.MemoryQuotaPages))
        {
            return Status.NoMemory;
        }

        Status status = TryMake(MemoryObjectKind.Ram, 0, lengthBytes, out made);
        if (status != Status.Ok) return status;
        payer.MemoryPages += charge;
        made.Payer = payer;
        made.PayerId = payer.Id;
        made.ChargedPages = charge;
        return Status.Ok;
    }

    /// <summary>Longest DMA memory of a device: all its frames are taken in one step.</summary>
    public const ulong MaxDmaBytes = 256 * 1024;
    /// <summary>Many devices cannot name a higher address.</summary>
    private const ulong DmaEnd = 1UL << 32;

    /// <summary>
    /// The device's memory: made at first, the same one afterwards. Locked: it is there with
    /// another length.
    /// </summary>
    public Status TryMakeDma(Process payer, ushort device, ulong lengthBytes, out MemoryObject made)
    {
        made = null!;
        if (lengthBytes is 0 or > MaxDmaBytes) return Status.BadArgument;
        for (int index = 0; index < End; index++)
        {
            if (_objects[index].DmaDevice != device) continue;
            made = _objects[index];
            return made.LengthBytes == lengthBytes ? Status.Ok : Status.Locked;
        }

        Status status = TryMakeRam(payer, lengthBytes, out made);
        if (status != Status.Ok) return status;
        for (ulong page = 0; page < made.PageCount; page++)
        {
            ulong frame = made.FrameOf(_frames, page);
            if (frame != 0 && frame < DmaEnd) continue;
            Settle(made);
            return Status.NoMemory;
        }

        made.DmaDevice = device;
        return Status.Ok;
    }

    /// <summary>A span of the boot archive, or of device registers. Page aligned.</summary>
    public Status TryMakeFixed(
        MemoryObjectKind kind, ulong physicalFirst, ulong lengthBytes, out MemoryObject made) =>
        TryMake(kind, physicalFirst, lengthBytes, out made);

    private Status TryMake(
        MemoryObjectKind kind, ulong physicalFirst, ulong lengthBytes, out MemoryObject made)
    {
        made = null!;
        _frames.ReclaimUntilFree(in _freeCount);
        if (_freeCount == 0) return Status.QuotaExceeded;
        made = _objects[_free[--_freeCount]];
        if (made.Index >= End) End = made.Index + 1;
        made.Kind = kind;
        made.PhysicalFirst = physicalFirst;
        made.LengthBytes = lengthBytes;
        made.Capabilities = made.Mappings = 0;
        made.ReclaimPage = 0;
        made.Payer = null;
        return Status.Ok;
    }

    /// <summary>
    /// From now on the process pays for the object, and not who has made it. NoMemory: it cannot.
    /// </summary>
    public Status Recharge(MemoryObject charged, Process payer)
    {
        if (charged.Kind != MemoryObjectKind.Ram || charged.IsDma) return Status.Ok;
        uint left = payer.MemoryQuotaPages - Math.Min(payer.MemoryPages, payer.MemoryQuotaPages);
        if (charged.ChargedPages > left) return Status.NoMemory;
        if (charged.IsCharged) charged.Payer!.MemoryPages -= charged.ChargedPages;
        payer.MemoryPages += charged.ChargedPages;
        charged.Payer = payer;
        charged.PayerId = payer.Id;
        return Status.Ok;
    }

    /// <summary>Lets the object go when neither a capability nor a mapping holds it.</summary>
    public void Settle(MemoryObject settled)
    {
        if (settled.Capabilities > 0 || settled.Mappings > 0 || settled.IsDma) return;
        if (settled.Kind is MemoryObjectKind.Free or MemoryObjectKind.Dying) return;
        settled.Kind = MemoryObjectKind.Dying;
        settled.Maker.Clear(ObjectType.Memory);
        settled.Generation++;
        settled.NextDying = _firstDying;
        _firstDying = settled;
    }

    /// <summary>
    /// Frees dead objects for so many steps of about 10 instructions; true: none left.
    /// </summary>
    public bool ReclaimSlice(ref int steps)
    {
        while (_firstDying is not null)
        {
            MemoryObject dying = _firstDying;
            if (!dying.Frames.ReleaseSlice(_frames, _physical, ref dying.ReclaimPage, ref steps))
            {
                return false;
            }

            if (dying.IsCharged) dying.Payer!.MemoryPages -= dying.ChargedPages;

            _firstDying = dying.NextDying;
            dying.Kind = MemoryObjectKind.Free;
            dying.Payer = null;
            dying.NextDying = null;
            _free[_freeCount++] = dying.Index;
        }

        return true;
    }
}

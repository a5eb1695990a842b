// Puts a page where a region allows one: at a page fault, and when the kernel touches user memory.
//
// Knows nothing of signals or of death: it says what is wrong, and the caller decides.

using System;
using CosmosKernel.Arch;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory;

public enum Access : byte { Read = 0, Write = 1, Execute = 2 }

public enum TouchResult : byte
{
    /// <summary>The page is there now, and the access is allowed.</summary>
    Ok = 0,
    /// <summary>No region, or one that does not allow the access.</summary>
    NotAllowed = 1,
    /// <summary>The guard page of a stack.</summary>
    Guard = 2,
    /// <summary>The quota of the process, or the machine's memory, is used up.</summary>
    NoMemory = 3,
}

// Safety: entries are in page tables of the process at hand; frames lie in the direct map.
public sealed unsafe class PageFaults(
    IMachine machine, FrameTable frames, PageTables tables, RegionPool regions, VaultTable vaults)
{
    private const ulong WindowBytes = TableRange.UnitEntries * Limits.PageBytes;

    private readonly byte* _physical = machine.PhysicalMemory;

    /// <summary>Makes the page of the address accessible, if its region allows that.</summary>
    public TouchResult Touch(Process process, ulong address, Access access)
    {
        if (!AddressMap.IsUser(address, 1)) return TouchResult.NotAllowed;
        int position = process.AddressSpace.Find(regions, address);
        if (position < 0) return TouchResult.NotAllowed;
        ref Region region = ref process.AddressSpace.At(regions, position);
        if (region.Kind == RegionKind.Guard) return TouchResult.Guard;
        Protection needed = access switch
        {
            Access.Read => Protection.Read,
            Access.Write => Protection.Write,
            _ => Protection.Execute,
        };
        if ((region.Protection & needed) == 0) return TouchResult.NotAllowed;

        // Safety: the entry is in a table of the process; frames lie in the direct map.
        ulong* entry = tables.FindOrMake(process, address);
        if (entry is null) return TouchResult.NoMemory;
        ulong page = address & ~(Limits.PageBytes - 1UL);
        ulong before = *entry;
        TouchResult result = region.Kind == RegionKind.Image
            ? TouchImage(process, region, page, entry, access)
            : TouchPlain(process, region, page, entry, access);
        if ((before & PageEntry.Present) != 0 && before != *entry)
        {
            machine.InvalidatePage(process.AddressSpace.Root, page);
        }

        return result;
    }

    private TouchResult TouchPlain(
        Process process, in Region region, ulong page, ulong* entry, Access access)
    {
        ulong flags = PageEntry.FlagsOf(region.Protection);
        ulong objectPage = (region.Offset + (page - region.First)) / Limits.PageBytes;
        if (region.Kind == RegionKind.Vault
            && vaults[process.VaultIndex] is { IsProbed: true } probed)
        {
            // Each page is put aside before its first change.
            if (access != Access.Write) flags &= ~PageEntry.Writable;
            else if (!vaults.Probe.TrySave(probed, (uint)objectPage)) return TouchResult.NoMemory;
        }

        if (*entry != 0 && region.Kind == RegionKind.Anonymous && (*entry & PageEntry.Owned) == 0)
            return TouchTemplate(process, page, entry, flags, access);
        if (*entry != 0)
        {
            // Made inaccessible and accessible again; or another thread was first.
            *entry = *entry & (PageEntry.FrameMask | PageEntry.Owned | PageEntry.NoCache) | flags;
            return TouchResult.Ok;
        }

        ulong frame;
        switch (region.Kind)
        {
            case RegionKind.Anonymous:
                frame = tables.TryTakeFor(process);
                flags |= PageEntry.Owned;
                break;
            case RegionKind.Vault:
                frame = vaults.FrameOf(vaults[process.VaultIndex], objectPage);
                break;
            case RegionKind.Memory:
                frame = region.Object!.FrameOf(frames, objectPage);
                break;
            default:
                frame = region.Object!.FrameOf(frames, objectPage);
                flags |= PageEntry.NoCache;
                break;
        }

        if (frame == 0) return TouchResult.NoMemory;
        *entry = frame | flags;
        return TouchResult.Ok;
    }

    /// <summary>A frame of the template: the process's own copy at the first write.</summary>
    private TouchResult TouchTemplate(
        Process process, ulong page, ulong* entry, ulong flags, Access access)
    {
        ulong frame = *entry & PageEntry.FrameMask;
        if (access != Access.Write)
        {
            *entry = frame | flags & ~PageEntry.Writable;
            return TouchResult.Ok;
        }

        ulong own = tables.TryCopyFor(process, frame);
        if (own == 0) return TouchResult.NoMemory;
        *entry = own | flags | PageEntry.Owned;
        if (process.Template is { CopiesMade: 1 } template) MarkWritten(template, page, frame);
        return TouchResult.Ok;
    }

    /// <summary>
    /// The next copies get the page of their own at once, to be written if it may be in the
    /// template. Nobody runs there, so a frame of the archive is not written by that.
    /// </summary>
    private void MarkWritten(Process template, ulong page, ulong frame)
    {
        ulong* original = tables.Find(template.AddressSpace.Root, page);
        if (original is null || (*original & PageEntry.FrameMask) != frame) return;
        int position = template.AddressSpace.Find(regions, page);
        if (position < 0) return;
        ulong flags = PageEntry.FlagsOf(template.AddressSpace.At(regions, position).Protection);
        *original |= PageEntry.WrittenByCopies | flags & PageEntry.Writable;
    }

    private TouchResult TouchImage(
        Process process, in Region region, ulong page, ulong* entry, Access access)
    {
        ulong flags = PageEntry.FlagsOf(region.Protection);
        bool isWritable = (region.Protection & Protection.Write) != 0;
        if (*entry != 0 && ((*entry & PageEntry.Owned) != 0 || !isWritable))
        {
            *entry = *entry & (PageEntry.FrameMask | PageEntry.Owned) | flags;
            return TouchResult.Ok;
        }

        if (*entry != 0) return TouchTemplate(process, page, entry, flags, access);
        MemoryObject image = region.Object!;
        ulong offset = region.Offset + (page - region.First);
        bool isArchived = image.Kind == MemoryObjectKind.Image;
        if (isArchived && EndInPlace(region) > page && !(isWritable && access == Access.Write))
        {
            MapInPlace(region, page, entry);
            if (process.Template is { State: ProcessState.Template } template)
                MapInTemplate(template, image, page);
            return TouchResult.Ok;
        }

        ulong frame = tables.TryTakeFor(process);
        if (frame == 0) return TouchResult.NoMemory;
        if (region.FileEnd > page)
        {
            ulong source = image.FrameOf(frames, offset / Limits.PageBytes);
            if (source == 0)
            {
                tables.ReleaseFor(process, frame);
                return TouchResult.NoMemory;
            }

            ulong lengthBytes = Math.Min(Limits.PageBytes, region.FileEnd - page);
            FrameTable.Copy(_physical + source, _physical + frame, lengthBytes);
        }

        *entry = frame | flags | PageEntry.Owned;
        return TouchResult.Ok;
    }

    /// <summary>
    /// How far the archive's own frames can be shown. What follows the last byte of a segment in
    /// its page is of the same image, but has to be zero where it may be written.
    /// </summary>
    private static ulong EndInPlace(in Region region) =>
        (region.Protection & Protection.Write) == 0
            ? Math.Min(region.End, ElfImage.PageUp(region.FileEnd))
            : Math.Min(region.End, region.FileEnd & ~(Limits.PageBytes - 1UL));

    /// <summary>
    /// The archive's own frames, for the page and the others of its window of 64 KiB: an image is
    /// used in runs, and a fault costs more than 16 entries. Never to be written: a page that may
    /// be is copied then, as one of a template.
    /// </summary>
    private static void MapInPlace(in Region region, ulong page, ulong* entry)
    {
        ulong first = Math.Max(page & ~(WindowBytes - 1), region.First);
        ulong end = Math.Min((page | (WindowBytes - 1)) + 1, EndInPlace(region));
        // Safety: a window never leaves its page table.
        entry -= (page - first) / Limits.PageBytes;
        ulong flags = PageEntry.FlagsOf(region.Protection) & ~PageEntry.Writable;
        ulong frame = region.Object!.PhysicalFirst + region.Offset + (first - region.First);
        for (; first < end; first += Limits.PageBytes, frame += Limits.PageBytes, entry++)
        {
            if (*entry == 0) *entry = frame | flags;
        }
    }

    /// <summary>What one copy has come to, the next ones have from the start.</summary>
    private void MapInTemplate(Process template, MemoryObject image, ulong page)
    {
        int position = template.AddressSpace.Find(regions, page);
        if (position < 0) return;
        ref Region region = ref template.AddressSpace.At(regions, position);
        if (region.Kind != RegionKind.Image || region.Object != image
            || EndInPlace(region) <= page) return;
        // Safety: as Touch. Nobody runs in a template.
        ulong* entry = tables.FindOrMake(template, page);
        if (entry is not null) MapInPlace(region, page, entry);
    }
}

// Adds entries to directories, changes and removes them.
//
// Rules: changes are blocks of the transaction in progress. An entry whose slots fit a block lies
// in one, so that it is on the disk whole or not at all. One with a longer name lies across two:
// at a power cut its parts may be there without the short entry, which nobody sees, or the short
// entry behind only some of its parts, which FatEntry.HasStrayParts tells.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;

namespace Servers.FatFs.Directories;

internal sealed class SlotWriter(FatVolume volume)
{
    private readonly BlockCache _cache = volume.Cache;

    /// <summary>What one look at a directory tells whoever wants to add to it.</summary>
    private sealed class Survey
    {
        public HashSet<ShortName> Used { get; } = [];
        /// <summary>First slot of the first run of free slots that is long enough.</summary>
        public int Found { get; set; } = -1;
        /// <summary>The first slot from which on all are free.</summary>
        public int End { get; set; }
        /// <summary>Slots that the directory has.</summary>
        public int Capacity { get; set; }
    }

    /// <summary>
    /// Adds an entry with a name that the directory does not have. The raw entry's name is filled
    /// in. NoSpace when directory or volume is full.
    /// </summary>
    /// <param name="goneNames">Short names that the disk still has.</param>
    /// <param name="avoided">Blocks that a name across blocks must not touch.</param>
    public Status Add(
        DirectoryFile directory, string name, Span<byte> raw, BlockClass kind,
        IEnumerable<ShortName> goneNames, out EntryPlace place,
        ReadOnlySpan<ulong> avoided = default)
    {
        bool isShort = ShortName.IsEnough(name);
        int longSlots = isShort ? 0 : LongName.SlotsFor(name.Length);
        int slots = longSlots + 1;
        place = EntryPlace.None;
        Survey survey = Look(directory, slots, avoided);
        // A name that is its own short name has no other.
        if (!isShort) survey.Used.UnionWith(goneNames);
        if (ShortName.For(name, survey.Used) is not { } shortName) return Status.NoSpace;
        int first = survey.Found >= 0 ? survey.Found : PlaceAtEnd(directory, survey, slots, kind);
        if (first < 0) return Status.NoSpace;
        shortName.CopyTo(raw);
        byte checksum = RawEntry.Checksum(raw);
        for (int i = 0; i < longSlots; i++)
        {
            LongName.Write(Slot(directory, first + i, kind), name, longSlots - i, checksum);
        }
        raw.CopyTo(Slot(directory, first + longSlots, kind));
        int next = first + slots;
        if (next > survey.End) MarkEnd(directory, next);
        place = new EntryPlace(directory.First, first, first + longSlots);
        return Status.Ok;
    }

    /// <param name="kind">Of the block with the short entry; the others are no earlier.</param>
    public void Remove(DirectoryFile directory, EntryPlace place, BlockClass kind)
    {
        ulong last = BlockOf(directory, place.Slot);
        for (int slot = place.FirstSlot; slot <= place.Slot; slot++)
        {
            bool isApart = BlockOf(directory, slot) != last;
            Slot(directory, slot, isApart ? BlockClass.Late : kind)[0] = RawEntry.Deleted;
        }
    }

    /// <summary>
    /// Adds empty clusters to a directory without room for the name; true when it did.
    /// </summary>
    public bool GrowFor(DirectoryFile directory, string name, ReadOnlySpan<ulong> avoided)
    {
        int slots = ShortName.IsEnough(name) ? 1 : LongName.SlotsFor(name.Length) + 1;
        Survey survey = Look(directory, slots, avoided);
        if (survey.Found >= 0) return false;
        bool hasGrown = false;
        // With a block to spare, whatever lies at the end of the directory.
        while (survey.Capacity - survey.End < slots + directory.SlotsPerBlock)
        {
            if (!Grow(directory, survey)) break;
            hasGrown = true;
        }
        return hasGrown;
    }

    public ulong BlockOf(DirectoryFile directory, int slot)
    {
        if (directory.TryLocate(slot, out ulong block, out _)) return block;
        throw new VolumeDamagedException($"directory {directory.First} has become shorter");
    }

    /// <summary>
    /// Makes the directory end at a block's end, if its end is in one of the blocks. False when
    /// there is nothing to do.
    /// </summary>
    public bool PadEnd(DirectoryFile directory, ReadOnlySpan<ulong> blocks)
    {
        int end = 0;
        bool isBehind = false;
        for (; directory.TryLocate(end, out ulong block, out int offset); end++)
        {
            isBehind = _cache.Read(block)[offset] == RawEntry.EndMark;
            if (isBehind) break;
        }
        if (!isBehind || end % directory.SlotsPerBlock == 0) return false;
        if (!blocks.Contains(BlockOf(directory, end))) return false;
        int next = end + directory.SlotsPerBlock - end % directory.SlotsPerBlock;
        FillGap(directory, new Survey { End = end, Found = next });
        MarkEnd(directory, next);
        return true;
    }

    /// <summary>The 32 bytes of a slot that is there, to be changed.</summary>
    public Span<byte> Slot(DirectoryFile directory, int slot, BlockClass kind)
    {
        if (!directory.TryLocate(slot, out ulong block, out int offset))
        {
            throw new VolumeDamagedException($"directory {directory.First} has become shorter");
        }
        return _cache.Change(block, kind).Slice(offset, RawEntry.Bytes);
    }

    private Survey Look(DirectoryFile directory, int slots, ReadOnlySpan<ulong> avoided)
    {
        Survey survey = new();
        bool isAtEnd = false;
        int run = 0;
        int perBlock = directory.SlotsPerBlock;
        for (int slot = 0; directory.TryLocate(slot, out ulong block, out int offset); slot++)
        {
            ReadOnlySpan<byte> bytes = _cache.Read(block).Slice(offset, RawEntry.Bytes);
            isAtEnd |= bytes[0] == RawEntry.EndMark;
            survey.Capacity = slot + 1;
            // A run does not cross into the next block unless it must.
            if (slots <= perBlock && slot % perBlock == 0) run = 0;
            if (!isAtEnd)
            {
                survey.End = slot + 1;
                if (bytes[0] != RawEntry.Deleted && !RawEntry.IsLongName(bytes))
                {
                    survey.Used.Add(ShortName.Of(bytes));
                }
            }
            bool isFree = isAtEnd || bytes[0] == RawEntry.Deleted;
            run = isFree && !avoided.Contains(block) ? run + 1 : 0;
            if (run >= slots && survey.Found < 0 && IsGoodPlace(slot, slots, perBlock))
            {
                survey.Found = slot - slots + 1;
            }
            if (isAtEnd && survey.Found >= 0) break;
        }
        if (survey.Found > survey.End) FillGap(directory, survey);
        return survey;
    }

    /// <summary>The block with the short entry has a part of its long name, too.</summary>
    private static bool IsGoodPlace(int last, int slots, int perBlock) =>
        slots <= perBlock || last % perBlock != 0;

    /// <summary>Slots between the end and the new entry must not end the directory.</summary>
    private void FillGap(DirectoryFile directory, Survey survey)
    {
        for (int slot = survey.End; slot < survey.Found; slot++)
        {
            Span<byte> bytes = Slot(directory, slot, BlockClass.Target);
            bytes.Clear();
            bytes[0] = RawEntry.Deleted;
        }
        survey.End = survey.Found;
    }

    /// <summary>
    /// The directory grows until so many slots are free at its end; -1: it cannot.
    /// </summary>
    private int PlaceAtEnd(DirectoryFile directory, Survey survey, int slots, BlockClass kind)
    {
        if (directory.IsFixed) return -1;
        int perBlock = directory.SlotsPerBlock;
        int first = survey.End;
        bool isCrossing = slots <= perBlock && first % perBlock + slots > perBlock;
        if (isCrossing) first += perBlock - first % perBlock;
        if (!IsGoodPlace(first + slots - 1, slots, perBlock)) first++;
        while (survey.Capacity < first + slots)
        {
            if (!Grow(directory, survey)) return -1;
        }
        survey.Found = first;
        if (first > survey.End) FillGap(directory, survey);
        return first;
    }

    private bool Grow(DirectoryFile directory, Survey survey)
    {
        if (directory.IsFixed || survey.Capacity >= DirectoryFile.MaxSlots) return false;
        uint added = volume.Extend(directory.ClusterOf(survey.Capacity - 1));
        if (added == 0) return false;
        volume.ZeroCluster(added);
        survey.Capacity += (int)(volume.Layout.ClusterBytes / RawEntry.Bytes);
        return true;
    }

    /// <summary>What is behind the last entry may be anything; its first byte must not.</summary>
    private void MarkEnd(DirectoryFile directory, int slot)
    {
        if (!directory.TryLocate(slot, out ulong block, out int offset)) return;
        if (_cache.Read(block)[offset] == RawEntry.EndMark) return;
        _cache.Change(block, BlockClass.Data)[offset] = RawEntry.EndMark;
    }
}

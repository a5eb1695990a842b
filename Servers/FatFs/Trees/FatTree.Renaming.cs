// Rename: the new name is on the disk before the old one goes, so no power cut loses the file.
//
// Rules: names that would move in a circle, or into a directory that the disk does not know yet,
// wait for a write-back. A name that is replaced keeps its spelling: its entry gets another file.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;

namespace Servers.FatFs.Trees;

internal sealed partial class FatTree
{
    public Status Rename(FatNode from, string sourcePath, string targetPath)
    {
        if (sourcePath.Length == 0 || targetPath.Length == 0) return StatusOfUnnamed(from);
        Status status = FindWithParent(
            from, sourcePath, out FatEntry oldParent, out FatEntry source);
        if (status != Status.Ok) return status;
        List<uint> passed = [];
        status = FindVacancy(
            from, targetPath, out FatEntry parent, out string name, out FatEntry existing, passed);
        bool isReplacing = status == Status.AlreadyExists;
        if (!isReplacing && status != Status.Ok) return status;
        bool isSame = isReplacing && existing.Place == source.Place;
        if (isSame && existing.Name == name) return Status.Ok;
        // By another spelling of its own name, or its short one: the name itself changes.
        if (isSame && NameRules.Check(name) is not Status.Ok and var bad) return bad;
        if (source.IsDirectory && passed.Contains(source.FirstCluster)) return Status.BadArgument;
        if (isReplacing && !isSame)
        {
            status = CheckReplace(source, existing);
            if (status != Status.Ok) return status;
        }
        if (volume.Allocator.IsNew(parent.FirstCluster)) throw new WriteBackNeededException();
        FatNode? node = nodes.At(source.Place);
        status = isReplacing && !isSame
            ? Replace(source, existing, out EntryPlace place)
            : Move(parent, name, source, out place);
        if (status != Status.Ok) return status;
        Touch(oldParent);
        Touch(parent);
        if (source.IsDirectory) SetUp(source.FirstCluster, UpFrom(parent));
        if (node is not null) nodes.Change(node, node.State with { Place = place });
        return Status.Ok;
    }

    private Status Move(FatEntry parent, string name, FatEntry source, out EntryPlace place)
    {
        Span<byte> raw = stackalloc byte[RawEntry.Bytes];
        RawAt(source.Place).CopyTo(raw);
        // Case bits are about the old name.
        raw[12] = 0;
        ulong[] oldBlocks = BlocksOf(source.Place);
        DirectoryFile directory = volume.Directory(parent.FirstCluster);
        bool isAcross = LongName.SlotsFor(name.Length) + 1 > directory.SlotsPerBlock;
        // Changes that nobody sees; with them on the disk, the new name gets blocks that are only
        // its own, and that the disk has in the directory.
        bool isPrepared = isAcross && _writer.PadEnd(directory, oldBlocks)
            || _writer.GrowFor(directory, name, isAcross ? oldBlocks : []);
        if (isPrepared)
        {
            commitPiece();
            throw new WriteBackNeededException();
        }
        // First, so that the new name may have the old one's slots and its short name.
        if (!isAcross) Erase(source);
        Status status = Add(
            directory, name, raw, BlockClass.Target, out place, isAcross ? oldBlocks : []);
        if (status != Status.Ok) return status;
        ulong[] newBlocks = BlocksOf(place);
        foreach (ulong block in newBlocks)
        {
            bool isNew = volume.Cache.DirtyClass(block) == BlockClass.Data;
            if (isNew) throw new WriteBackNeededException();
        }
        if (isAcross) Erase(source);
        OrderAfter(oldBlocks, newBlocks);
        return Status.Ok;
    }

    private Status Replace(FatEntry source, FatEntry existing, out EntryPlace place)
    {
        place = existing.Place;
        if (existing.IsDirectory) RequireNoRename();
        FatNode? replaced = nodes.At(existing.Place);
        Span<byte> raw = stackalloc byte[RawEntry.Bytes];
        RawAt(source.Place).CopyTo(raw);
        Span<byte> target = Slot(existing.Place, BlockClass.Target);
        // The name, and the case of it, are the target's.
        raw[RawEntry.NameBytes..12].CopyTo(target[RawEntry.NameBytes..12]);
        raw[13..].CopyTo(target[13..]);
        ulong[] oldBlocks = BlocksOf(source.Place);
        Erase(source);
        EntryPlace changed = place with { FirstSlot = place.Slot };
        OrderAfter(oldBlocks, BlocksOf(changed));
        Detach(replaced, existing);
        return Status.Ok;
    }

    /// <summary>
    /// The old name goes from the disk after the new one is there, or at once with it.
    /// </summary>
    // A new name across blocks shares none with the old one; one in a block is there with it.
    private void OrderAfter(ulong[] oldBlocks, ulong[] newBlocks)
    {
        bool isAtOnce = true;
        foreach (ulong block in oldBlocks)
        {
            if (Array.IndexOf(newBlocks, block) >= 0) continue;
            isAtOnce = false;
            volume.Cache.SetClass(block, BlockClass.Late);
        }
        BlockClass kind = isAtOnce ? BlockClass.Directory : BlockClass.Target;
        foreach (ulong block in newBlocks) volume.Cache.SetClass(block, kind);
    }

    private ulong[] BlocksOf(EntryPlace place)
    {
        DirectoryFile directory = volume.Directory(place.Directory);
        List<ulong> blocks = [];
        for (int slot = place.FirstSlot; slot <= place.Slot; slot++)
        {
            ulong block = _writer.BlockOf(directory, slot);
            if (!blocks.Contains(block)) blocks.Add(block);
        }
        return [.. blocks];
    }

    private Status CheckReplace(FatEntry source, FatEntry replaced)
    {
        if (!source.IsDirectory) return replaced.IsDirectory ? Status.IsDirectory : Status.Ok;
        if (!replaced.IsDirectory) return Status.NotDirectory;
        return volume.Scan(replaced.FirstCluster).Next() ? Status.NotEmpty : Status.Ok;
    }

    /// <summary>The directory's ".." leads to where it is now.</summary>
    private void SetUp(uint directory, uint up)
    {
        DirectoryFile file = volume.Directory(directory);
        Span<byte> raw = _writer.Slot(file, 1, BlockClass.Directory);
        if (raw[..RawEntry.NameBytes].SequenceEqual("..         "u8))
        {
            RawEntry.SetFirstCluster(raw, up, volume.IsWide);
        }
    }

    /// <summary>
    /// What a directory held may have a new name that is not on the disk yet, elsewhere: it must be
    /// there before the directory goes.
    /// </summary>
    private void RequireNoRename()
    {
        bool isMoving = volume.Cache.HasDirty(BlockClass.Target)
            || volume.Cache.HasDirty(BlockClass.Late);
        if (isMoving) throw new WriteBackNeededException();
    }
}

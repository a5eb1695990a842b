// Brings all dirty blocks to the disk, in an order that leaves a good volume wherever the power
// goes: lost clusters, or a file with its old and its new name, are the worst that a mount finds.
//
//   1 bytes of files and of new directories, and FAT entries of clusters that were free
//   2 FAT entries of chains that grow               (from here on new clusters are reachable)
//   3 directory entries                             (sizes and first clusters are theirs)
//   4 directory entries that a rename has removed   (the new name is there by now)
//   5 FAT entries of chains that were cut
//   6 FAT entries of clusters that are free now
//
// Between two steps that write something the device is flushed. A block of the FAT is written in
// up to four versions, each made of the disk's entries and the cache's. For that to be enough, the
// rest of the server keeps three rules until a write-back is through: a cluster that became free
// is not used again, a chain that was cut does not grow, and names do not move in circles
// (FatVolume, ClusterAllocator and Renaming ask for a write-back instead).
//
// Rules: may be cut by a death or an error anywhere, and is begun again.

using System;
using System.Collections.Generic;
using Servers.FatFs.Volumes;
using Shared.Contracts;
using Shared.Fat;
using Shared.Sdk.Disks;

namespace Servers.FatFs.Caching;

internal sealed class WriteBack(FatLayout layout, BlockCache cache, FatTable table)
{
    private readonly IDisk _disk = cache.Disk;
    private readonly byte[] _staging = new byte[BlockGeometry.MaxStepBytes];
    /// <summary>An earlier incarnation may have written, too.</summary>
    private bool _needsFlush = true;

    /// <summary>
    /// An error has left a write-back half done: nothing may change before it is.
    /// </summary>
    public bool IsBroken { get; private set; }

    /// <summary>How often everything that was dirty has come to the disk.</summary>
    public ulong Rounds { get; private set; }

    /// <summary>Everything that is dirty; nothing is staged. Does not flush at the end.</summary>
    public void Run()
    {
        if (cache.StagedCount != 0) throw new InvalidOperationException("in a transaction");
        if (cache.DirtyCount == 0)
        {
            IsBroken = false;
            return;
        }
        IsBroken = true;
        WriteBlocks(BlockClass.Data, BlockClass.Data);
        WriteFat(FatPhase.Allocate);
        WriteFat(FatPhase.Extend);
        WriteBlocks(BlockClass.Directory, BlockClass.Target);
        WriteBlocks(BlockClass.Late, BlockClass.Late);
        WriteFat(FatPhase.Cut);
        WriteFat(FatPhase.Free);
        foreach (ulong block in Dirty(BlockClass.Fat, BlockClass.Fat)) cache.MarkWritten(block);
        Rounds++;
        IsBroken = false;
    }

    /// <summary>What was written before survives the loss of power.</summary>
    public void Flush()
    {
        if (!_needsFlush) return;
        _disk.Flush();
        _needsFlush = false;
    }

    /// <summary>One block that is not in the cache's care.</summary>
    public void WriteDirectly(ulong block, ReadOnlySpan<byte> bytes)
    {
        _needsFlush = true;
        _disk.Write(block, bytes);
    }

    /// <summary>Somebody has written to the disk past this.</summary>
    public void NoteWritten() => _needsFlush = true;

    private List<ulong> Dirty(BlockClass first, BlockClass last) =>
        cache.DirtyOf(kind => kind >= first && kind <= last);

    private void WriteBlocks(BlockClass first, BlockClass last)
    {
        List<ulong> blocks = Dirty(first, last);
        if (blocks.Count == 0) return;
        // Data goes to where nothing leads yet, or where a file's bytes are; it waits for nobody.
        if (first != BlockClass.Data) Flush();
        int most = _staging.Length / cache.BlockBytes;
        for (int done = 0; done < blocks.Count;)
        {
            int count = 1;
            while (count < most && done + count < blocks.Count
                && blocks[done + count] == blocks[done] + (ulong)count) count++;
            for (int i = 0; i < count; i++)
            {
                cache.Read(blocks[done + i]).CopyTo(_staging.AsSpan(i * cache.BlockBytes));
            }
            WriteDirectly(blocks[done], _staging.AsSpan(0, count * cache.BlockBytes));
            for (int i = 0; i < count; i++) cache.MarkWritten(blocks[done + i]);
            done += count;
        }
    }

    /// <summary>Brings the dirty blocks of the FAT to their version of the phase.</summary>
    private void WriteFat(FatPhase phase)
    {
        List<(ulong Block, byte[] Bytes)> versions = [];
        foreach (ulong block in Dirty(BlockClass.Fat, BlockClass.Fat))
        {
            byte[] version = cache.Read(block).ToArray();
            bool isSame = cache.OnDisk(block).SequenceEqual(version);
            if (isSame) continue;
            if (phase != FatPhase.Free) KeepBack(block, version, phase);
            if (!cache.OnDisk(block).SequenceEqual(version)) versions.Add((block, version));
        }
        if (versions.Count == 0) return;
        if (phase != FatPhase.Allocate) Flush();
        for (int done = 0; done < versions.Count;) done += WriteRun(versions, done);
    }

    /// <summary>Blocks in a row, to each copy of the FAT; answers how many.</summary>
    // Entries of 12 bits lie across blocks: neighbours go in one step, so that a death between
    // two steps tears none.
    private int WriteRun(List<(ulong Block, byte[] Bytes)> versions, int first)
    {
        int most = _staging.Length / cache.BlockBytes;
        int count = 0;
        while (count < most && first + count < versions.Count
            && versions[first + count].Block == versions[first].Block + (ulong)count)
        {
            versions[first + count].Bytes.CopyTo(_staging.AsSpan(count * cache.BlockBytes));
            count++;
        }
        ReadOnlySpan<byte> bytes = _staging.AsSpan(0, count * cache.BlockBytes);
        // The one that is read comes last: while it is old, all of them are written again.
        for (uint copy = 0; layout.IsMirrored && copy < layout.FatCount; copy++)
        {
            if (copy == layout.ActiveFat) continue;
            WriteDirectly(BlockOfCopy(versions[first].Block, copy), bytes);
        }
        WriteDirectly(versions[first].Block, bytes);
        for (int i = first; i < first + count; i++)
        {
            cache.SetOnDisk(versions[i].Block, versions[i].Bytes);
        }
        return count;
    }

    private ulong BlockOfCopy(ulong block, uint copy) =>
        block - table.FirstBlock + (layout.FatStart + copy * layout.FatBytes)
        / (ulong)cache.BlockBytes;

    /// <summary>Entries whose time has not come get the disk's value.</summary>
    private void KeepBack(ulong block, byte[] version, FatPhase phase)
    {
        (uint first, uint last) = table.EntriesIn(block);
        last = Math.Min(last, layout.MaxCluster);
        for (uint cluster = first; cluster <= last; cluster++)
        {
            uint final = table.Get(cluster), disk = table.OnDisk(cluster);
            if (final == disk || PhaseOf(disk, final) <= phase) continue;
            PutOld(cluster, block, version);
        }
    }

    /// <summary>A chain that grows gets a next cluster, one that is cut an end.</summary>
    private static FatPhase PhaseOf(uint disk, uint final)
    {
        if (disk == FatTable.Free) return FatPhase.Allocate;
        if (final == FatTable.Free) return FatPhase.Free;
        return FatTable.IsEnd(final) ? FatPhase.Cut : FatPhase.Extend;
    }

    private void PutOld(uint cluster, ulong block, byte[] version)
    {
        ReadOnlySpan<byte> old = cache.OnDisk(block);
        foreach ((int at, byte mask) in table.BitsOf(cluster, block))
        {
            version[at] = (byte)(version[at] & ~mask | old[at] & mask);
        }
    }
}

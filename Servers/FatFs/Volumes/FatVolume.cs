// One FAT volume: its layout, cache and table, and what is done with clusters.
//
// Rules: a change is part of the transaction in progress until the server commits it. FatVolume
// asks for a write-back (WriteBackNeededException) where an order on the disk could not be kept
// otherwise; Caching/WriteBack.cs says why.

using System;
using Servers.FatFs.Caching;
using Servers.FatFs.Directories;
using Shared.Fat;
using Shared.Sdk.Disks;

namespace Servers.FatFs.Volumes;

internal sealed class FatVolume
{
    public FatVolume(FatLayout layout, BlockCache cache)
    {
        Layout = layout;
        Cache = cache;
        Table = new FatTable(layout, cache);
        Allocator = new ClusterAllocator(layout, Table);
        WriteBack = new WriteBack(layout, cache, Table);
        Mark = new VolumeMark(layout, cache.Disk, WriteBack);
    }

    public FatLayout Layout { get; }
    public BlockCache Cache { get; }
    public FatTable Table { get; }
    public ClusterAllocator Allocator { get; }
    public WriteBack WriteBack { get; }
    public VolumeMark Mark { get; }

    public IDisk Disk => Cache.Disk;
    public bool IsWide => Layout.Kind == FatKind.Fat32;
    public int BlocksPerCluster => (int)(Layout.ClusterBytes / (uint)Cache.BlockBytes);
    /// <summary>How directories name the root.</summary>
    public uint RootDirectory => IsWide ? Layout.RootCluster : 0;

    public ulong FirstBlock(uint cluster) =>
        Layout.ClusterStart(cluster) / (ulong)Cache.BlockBytes;

    public DirectoryFile Directory(uint first)
    {
        bool isGood = first == RootDirectory || Layout.IsCluster(first);
        if (!isGood) throw new VolumeDamagedException($"directory at cluster {first}");
        return new DirectoryFile(Layout, Table, Cache.BlockBytes, first);
    }

    public EntryScanner Scan(uint directory) => new(Layout, Cache, Directory(directory));

    /// <summary>
    /// One more cluster at the end of a chain, or the first of a new one (0). 0 when the volume is
    /// full. What the cluster holds is anything.
    /// </summary>
    public uint Extend(uint last)
    {
        if (last == 0) return Allocator.Take(0);
        uint onDisk = Table.OnDisk(last);
        // Cut short, and the disk does not know: its entry in the FAT cannot be in both states.
        bool isCut = onDisk != FatTable.Free && !FatTable.IsEnd(onDisk);
        if (isCut) throw new WriteBackNeededException();
        uint added = Allocator.Take(last);
        if (added != 0) Table.Set(last, added);
        return added;
    }

    /// <summary>Zeros in a cluster that is new in this transaction.</summary>
    public void ZeroCluster(uint cluster)
    {
        ulong first = FirstBlock(cluster);
        for (int i = 0; i < BlocksPerCluster; i++)
        {
            Cache.Fresh(first + (ulong)i, BlockClass.Data);
        }
    }

    /// <summary>Brings everything to the disk; it survives the loss of power.</summary>
    public void Sync()
    {
        Write();
        WriteBack.Flush();
    }

    /// <summary>Brings everything to the disk. In no transaction.</summary>
    public void Write()
    {
        if (Cache.DirtyCount == 0 && !WriteBack.IsBroken) return;
        Mark.SetDirty();
        WriteBack.Run();
        Mark.WriteInfo(Allocator.FreeCount, Allocator.Hint);
    }
}

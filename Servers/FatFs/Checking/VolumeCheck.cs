// Looks at all of a volume that was not left clean, and mends what a power cut leaves behind: lost
// clusters, chains longer than their file, a file with its old and its new name, parts of long
// names without a short one, copies of the FAT that differ.
//
// Anything else is damage that this server does not make: then nothing is changed.
// Rules: bounded, whatever the volume says: each cluster is looked at once as a part of something,
// and a directory has a largest size. Repairs are transactions, committed in pieces; a death or a
// power cut between two of them leaves a volume that is checked again.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;
using Shared.Contracts;
using Shared.Fat;

namespace Servers.FatFs.Checking;

/// <param name="commit">Commits what is staged, and writes it.</param>
internal sealed class VolumeCheck(FatVolume volume, Action commit)
{
    private const int PieceBlocks = 512;

    private readonly FatLayout _layout = volume.Layout;
    private readonly FatTable _table = volume.Table;
    private readonly ClusterSet _used = new(volume.Layout);
    private readonly SlotWriter _writer = new(volume);
    private readonly List<FatEntry> _loose = [];
    private readonly List<(uint Directory, int Slot)> _strayParts = [];
    private readonly Dictionary<uint, List<FatEntry>> _twice = [];
    private string? _damage;

    public uint FreedClusters { get; private set; }
    public int RemovedNames { get; private set; }

    /// <summary>
    /// Null when the volume is good now; else what is wrong, and it is as it was.
    /// </summary>
    public string? Run()
    {
        // The root of FAT32 is a chain like any other.
        if (volume.IsWide) ClaimDirectory(volume.RootDirectory, "the root");
        WalkTree(Visit);
        if (_twice.Count != 0 && _damage is null) FindOtherNames();
        if (_damage is not null) return _damage;
        RemoveOldNames();
        foreach (FatEntry entry in _loose) Shorten(entry);
        RemoveStrayParts();
        commit();
        FreeLostClusters();
        MarkClean();
        commit();
        SyncCopies();
        return null;
    }

    /// <summary>Each entry, directories before what is in them.</summary>
    private void WalkTree(Action<FatEntry> visit)
    {
        _strayParts.Clear();
        Stack<uint> directories = new([volume.RootDirectory]);
        ClusterSet seen = new(_layout);
        while (_damage is null && directories.TryPop(out uint directory))
        {
            EntryScanner scanner = volume.Scan(directory);
            while (_damage is null && scanner.Next())
            {
                FatEntry entry = scanner.ToEntry();
                bool isNew = !entry.IsDirectory || !_layout.IsCluster(entry.FirstCluster)
                    || seen.Add(entry.FirstCluster);
                visit(entry);
                if (entry.IsDirectory && isNew && _damage is null)
                {
                    directories.Push(entry.FirstCluster);
                }
            }
            foreach (int slot in scanner.StrayParts) _strayParts.Add((directory, slot));
        }
    }

    private void Visit(FatEntry entry)
    {
        if (entry.IsDirectory) VisitDirectory(entry);
        else VisitFile(entry);
    }

    private void VisitDirectory(FatEntry entry)
    {
        bool isGood = _layout.IsCluster(entry.FirstCluster)
            && entry.FirstCluster != volume.RootDirectory;
        if (!isGood) Damage($"directory {entry.Name} has no cluster");
        else if (_used.Contains(entry.FirstCluster)) NoteTwice(entry);
        else ClaimDirectory(entry.FirstCluster, entry.Name);
    }

    private void ClaimDirectory(uint first, string name)
    {
        int most = (int)(DirectoryFile.MaxSlots * (ulong)RawEntry.Bytes / _layout.ClusterBytes);
        uint cluster = first;
        for (int count = 0; ; count++)
        {
            if (!_used.Add(cluster) || count >= Math.Max(most, 1))
            {
                Damage($"directory {name} shares a cluster, or has no end");
                return;
            }
            uint next = _table.Get(cluster);
            if (FatTable.IsEnd(next)) return;
            if (!_layout.IsCluster(next))
            {
                Damage($"directory {name} leads to cluster {next}");
                return;
            }
            cluster = next;
        }
    }

    private void VisitFile(FatEntry entry)
    {
        uint needed = _layout.ClustersOf(entry.LengthBytes);
        if (needed == 0)
        {
            if (entry.FirstCluster != 0) _loose.Add(entry);
            return;
        }
        if (_layout.IsCluster(entry.FirstCluster) && _used.Contains(entry.FirstCluster))
        {
            NoteTwice(entry);
            return;
        }
        uint cluster = entry.FirstCluster;
        for (uint index = 0; index < needed; index++)
        {
            if (!_layout.IsCluster(cluster))
            {
                Damage($"file {entry.Name} is longer than its chain");
                return;
            }
            if (!_used.Add(cluster))
            {
                Damage($"file {entry.Name} shares cluster {cluster}");
                return;
            }
            cluster = _table.Get(cluster);
        }
        if (!FatTable.IsEnd(cluster)) _loose.Add(entry);
    }

    private void NoteTwice(FatEntry entry)
    {
        if (!_twice.TryAdd(entry.FirstCluster, [entry])) Damage($"{entry.Name} has three names");
    }

    /// <summary>The names that were visited first.</summary>
    private void FindOtherNames()
    {
        WalkTree(entry =>
        {
            if (!_twice.TryGetValue(entry.FirstCluster, out List<FatEntry>? names)) return;
            if (names[0].Place != entry.Place) names.Add(entry);
        });
        foreach ((uint first, List<FatEntry> names) in _twice)
        {
            bool isRename = names.Count == 2 && names[0].Type == names[1].Type
                && HasLongChain(names[0], names[1]);
            if (!isRename) Damage($"{names[0].Name} shares cluster {first}");
        }
    }

    /// <summary>
    /// The chain is long enough for the name visited last, and what it has beyond the other's
    /// length is nobody else's.
    /// </summary>
    private bool HasLongChain(FatEntry last, FatEntry first)
    {
        if (last.IsDirectory) return true;
        uint cluster = last.FirstCluster;
        uint common = _layout.ClustersOf(first.LengthBytes);
        for (uint index = 0; index < _layout.ClustersOf(last.LengthBytes); index++)
        {
            if (!_layout.IsCluster(cluster)) return false;
            if (index >= common && !_used.Add(cluster)) return false;
            cluster = _table.Get(cluster);
        }
        return true;
    }

    /// <summary>
    /// Of two names, the one stays that was written last, or that ".." leads to.
    /// </summary>
    private void RemoveOldNames()
    {
        foreach (List<FatEntry> names in _twice.Values)
        {
            bool isFirstOld = IsOlder(names[0], names[1]);
            FatEntry old = names[isFirstOld ? 0 : 1], kept = names[isFirstOld ? 1 : 0];
            _writer.Remove(
                volume.Directory(old.Place.Directory), old.Place, BlockClass.Directory);
            RemovedNames++;
            if (kept.IsDirectory) SetUp(kept);
            else Claim(kept, old);
            _loose.RemoveAll(entry => entry.Place == old.Place || entry.Place == kept.Place);
            if (!kept.IsDirectory) _loose.Add(kept);
        }
        if (RemovedNames != 0) commit();
    }

    private bool IsOlder(FatEntry one, FatEntry other)
    {
        // A name that is half there is on its way to the disk, or from it.
        if (one.HasStrayParts != other.HasStrayParts) return one.HasStrayParts;
        if (one.IsDirectory) return UpOf(one.FirstCluster) != one.Place.Directory;
        if (one.ModifiedNs != other.ModifiedNs) return one.ModifiedNs < other.ModifiedNs;
        return one.LengthBytes < other.LengthBytes;
    }

    /// <summary>Clusters are used as far as the kept name needs them.</summary>
    private void Claim(FatEntry kept, FatEntry old)
    {
        uint cluster = kept.FirstCluster;
        uint needed = _layout.ClustersOf(kept.LengthBytes);
        uint most = Math.Max(needed, _layout.ClustersOf(old.LengthBytes));
        for (uint index = 0; index < most; index++)
        {
            if (index >= needed) _used.Remove(cluster);
            cluster = _table.Get(cluster);
        }
    }

    private uint UpOf(uint directory)
    {
        volume.Directory(directory).TryLocate(1, out ulong block, out int offset);
        uint up = RawEntry.FirstCluster(volume.Cache.Read(block)[offset..], volume.IsWide);
        return up == 0 ? volume.RootDirectory : up;
    }

    private void SetUp(FatEntry directory)
    {
        uint parent = directory.Place.Directory;
        Span<byte> raw = _writer.Slot(
            volume.Directory(directory.FirstCluster), 1, BlockClass.Directory);
        RawEntry.SetFirstCluster(
            raw, parent == volume.RootDirectory ? 0 : parent, volume.IsWide);
    }

    /// <summary>
    /// The chain ends where the file does; what follows is lost, and freed with it.
    /// </summary>
    private void Shorten(FatEntry entry)
    {
        uint needed = _layout.ClustersOf(entry.LengthBytes);
        if (needed == 0)
        {
            Span<byte> raw = _writer.Slot(
                volume.Directory(entry.Place.Directory), entry.Place.Slot, BlockClass.Directory);
            RawEntry.SetFirstCluster(raw, 0, volume.IsWide);
        }
        else
        {
            uint cluster = entry.FirstCluster;
            for (uint index = 1; index < needed; index++) cluster = _table.Get(cluster);
            if (!FatTable.IsEnd(_table.Get(cluster))) _table.Set(cluster, FatTable.End);
        }
        CommitIfLong();
    }

    private void RemoveStrayParts()
    {
        foreach ((uint directory, int slot) in _strayParts)
        {
            Span<byte> part = _writer.Slot(volume.Directory(directory), slot, BlockClass.Directory);
            if (RawEntry.IsLongName(part)) part[0] = RawEntry.Deleted;
            CommitIfLong();
        }
    }

    private void FreeLostClusters()
    {
        uint free = 0;
        for (uint cluster = FatLayout.FirstCluster; cluster <= _layout.MaxCluster; cluster++)
        {
            uint value = _table.Get(cluster);
            if (value == FatTable.Free) free++;
            if (value is FatTable.Free or FatTable.Bad || _used.Contains(cluster)) continue;
            _table.Set(cluster, FatTable.Free);
            FreedClusters++;
            free++;
            CommitIfLong();
        }
        volume.Allocator.Set(free, volume.Allocator.Hint);
    }

    /// <summary>The marks of FAT p. 18, beside the one in the boot sector.</summary>
    private void MarkClean()
    {
        const uint clean16 = 0xC000, clean32 = 0x0C00_0000;
        uint marks = _table.Get(1);
        uint clean = _layout.Kind == FatKind.Fat32 ? clean32 : clean16;
        if (_layout.Kind != FatKind.Fat12 && (marks & clean) != clean) _table.Set(1, marks | clean);
    }

    private void SyncCopies()
    {
        if (!_layout.IsMirrored) return;
        ulong blockBytes = (ulong)volume.Cache.BlockBytes;
        byte[] other = new byte[blockBytes];
        for (ulong i = 0; i < _table.Blocks; i++)
        {
            ReadOnlySpan<byte> own = volume.Cache.Read(_table.FirstBlock + i);
            for (uint copy = 1; copy < _layout.FatCount; copy++)
            {
                ulong block = (_layout.FatStart + copy * _layout.FatBytes) / blockBytes + i;
                volume.Disk.Read(block, other);
                if (!own.SequenceEqual(other)) volume.WriteBack.WriteDirectly(block, own);
            }
        }
    }

    private void CommitIfLong()
    {
        if (volume.Cache.StagedCount >= PieceBlocks) commit();
    }

    private void Damage(string reason) => _damage ??= reason;
}

// Chains that no entry and no open file leads to any more, on their way to be free.
//
// Freeing a long chain is more than one transaction; its head is in the vault until it is done. At
// a power cut they are lost clusters, as those of deleted files that are still open.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.FatFs.Volumes;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Trees;

internal sealed class Orphans(FatVolume volume, RecordTable table)
{
    /// <summary>Clusters and changed blocks of one transaction.</summary>
    private const int MaxClusters = 4096, MaxBlocks = 512;

    private readonly List<uint> _added = [];

    public bool IsEmpty => table.Count == 0 && _added.Count == 0;

    /// <summary>With the transaction in progress; what is no cluster is left alone.</summary>
    public void Add(uint first)
    {
        if (volume.Layout.IsCluster(first) && !_added.Contains(first)) _added.Add(first);
    }

    public void Abort() => _added.Clear();

    /// <summary>Puts what was added into the vault's transaction.</summary>
    public void Stage()
    {
        foreach (uint first in _added)
        {
            bool isKept = table.Put(first, []);
            if (!isKept) throw new InvalidOperationException("too many chains to free");
        }
        _added.Clear();
    }

    /// <summary>
    /// Frees a part of a chain, in a transaction of its own that the caller commits. False when
    /// there is none.
    /// </summary>
    public bool FreeSome()
    {
        if (table.Count == 0) return false;
        uint head = (uint)table.Keys.First();
        uint cluster = head;
        int count = 0;
        while (volume.Layout.IsCluster(cluster) && count++ < MaxClusters
            && volume.Cache.StagedCount < MaxBlocks)
        {
            uint next = volume.Table.Get(cluster);
            if (next == FatTable.Free) break;
            volume.Allocator.Release(cluster);
            cluster = next;
        }
        // No disk is asked from here on: the table must not change in a transaction that fails.
        table.Remove(head);
        bool goesOn = volume.Layout.IsCluster(cluster) && count > MaxClusters
            || volume.Cache.StagedCount >= MaxBlocks && volume.Layout.IsCluster(cluster);
        if (goesOn) table.Put(cluster, []);
        return true;
    }
}

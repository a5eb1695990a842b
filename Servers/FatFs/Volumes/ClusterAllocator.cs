// Takes clusters and gives them back, and knows how many are free.
//
// The number of free clusters is not counted at the mount, but when somebody asks for it first;
// from then on it is kept. FSInfo only says where to look (FAT p. 22: neither is to be trusted).
// Rules: a cluster that became free is taken again only after the disk knows that it is free.

using Shared.Fat;

namespace Servers.FatFs.Volumes;

internal sealed class ClusterAllocator(FatLayout layout, FatTable table)
{
    private uint? _savedFree;
    private uint _savedHint;
    private bool _isCounted;

    /// <summary>Null until somebody needs it.</summary>
    public uint? FreeCount { get; private set; }

    /// <summary>Where to look first.</summary>
    public uint Hint { get; private set; } = FatLayout.FirstCluster;

    /// <summary>What an earlier incarnation knew, or FSInfo says.</summary>
    public void Set(uint? freeCount, uint hint)
    {
        FreeCount = freeCount <= layout.ClusterCount ? freeCount : null;
        Hint = layout.IsCluster(hint) ? hint : FatLayout.FirstCluster;
        Settle();
    }

    /// <summary>Looks at the whole FAT the first time.</summary>
    public uint CountFree()
    {
        if (FreeCount is { } known && (_isCounted || known != 0)) return known;
        uint free = 0;
        for (uint cluster = FatLayout.FirstCluster; cluster <= layout.MaxCluster; cluster++)
        {
            if (table.Get(cluster) == FatTable.Free) free++;
        }
        FreeCount = free;
        _isCounted = true;
        return free;
    }

    /// <summary>
    /// Takes a free cluster, which is the end of a chain then: the next one after a cluster, or
    /// anywhere. 0 when the volume is full.
    /// </summary>
    public uint Take(uint near)
    {
        if (FreeCount == 0 && CountFree() == 0) return 0;
        uint start = layout.IsCluster(near + 1) ? near + 1 : Hint;
        bool isWaiting = false;
        for (uint step = 0; step < layout.ClusterCount; step++)
        {
            uint cluster = FatLayout.FirstCluster
                + (start - FatLayout.FirstCluster + step) % layout.ClusterCount;
            if (table.Get(cluster) != FatTable.Free) continue;
            if (table.OnDisk(cluster) != FatTable.Free)
            {
                isWaiting = true;
                continue;
            }
            table.Set(cluster, FatTable.End);
            FreeCount--;
            Hint = cluster;
            return cluster;
        }
        if (isWaiting) throw new WriteBackNeededException();
        return 0;
    }

    public void Release(uint cluster)
    {
        table.Set(cluster, FatTable.Free);
        FreeCount++;
        if (cluster < Hint) Hint = cluster;
    }

    /// <summary>Whether the disk does not know yet that the cluster is in use.</summary>
    public bool IsNew(uint cluster) =>
        layout.IsCluster(cluster) && table.OnDisk(cluster) == FatTable.Free;

    /// <summary>The transaction is committed.</summary>
    public void Settle()
    {
        _savedFree = FreeCount;
        _savedHint = Hint;
    }

    /// <summary>The transaction has never been.</summary>
    public void Abort()
    {
        FreeCount = _savedFree;
        Hint = _savedHint;
    }
}

// The clusters of one file or directory, in order. What was walked once is remembered: every 64th
// cluster, and where the last question ended.
//
// Rules: whoever changes the chain says from where on it is another (Forget). Nothing here is
// bounded by what the FAT says, but by the index that is asked for.

using System;
using System.Collections.Generic;
using Shared.Fat;

namespace Servers.FatFs.Volumes;

internal sealed class ClusterChain(FatLayout layout, FatTable table, uint first)
{
    private const uint Stride = 64;

    /// <summary>Cluster of each index that is a multiple of the stride.</summary>
    private readonly List<uint> _marks = [];
    private uint _lastIndex, _lastCluster;

    /// <summary>0: no cluster.</summary>
    public uint First { get; private set; } = first;

    /// <summary>
    /// After TryAt has answered false: the last cluster, and how many there are.
    /// </summary>
    public (uint Cluster, uint Count) End => First == 0 ? (0, 0) : (_lastCluster, _lastIndex + 1);

    public void Reset(uint first)
    {
        First = first;
        Forget(0);
    }

    /// <summary>Clusters at and after the index are not known any more.</summary>
    public void Forget(uint fromIndex)
    {
        int kept = (int)((fromIndex + Stride - 1) / Stride);
        if (kept < _marks.Count) _marks.RemoveRange(kept, _marks.Count - kept);
        if (_lastIndex >= fromIndex) _lastCluster = 0;
    }

    /// <summary>The cluster at an index that the chain must have.</summary>
    public uint At(uint index)
    {
        if (TryAt(index, out uint cluster)) return cluster;
        throw new VolumeDamagedException($"chain of cluster {First} is too short");
    }

    /// <summary>
    /// False at the end of the chain; damaged when it leads to what is no cluster.
    /// </summary>
    public bool TryAt(uint index, out uint cluster)
    {
        cluster = 0;
        if (First == 0) return false;
        (uint at, uint current) = Nearest(index);
        while (true)
        {
            if (!layout.IsCluster(current))
            {
                throw new VolumeDamagedException($"chain of cluster {First} leaves the volume");
            }
            if (at % Stride == 0 && at / Stride == _marks.Count) _marks.Add(current);
            (_lastIndex, _lastCluster) = (at, current);
            if (at == index) break;
            uint next = table.Get(current);
            if (FatTable.IsEnd(next)) return false;
            if (next == FatTable.Free)
            {
                throw new VolumeDamagedException($"chain of cluster {First} has a free cluster");
            }
            current = next;
            at++;
        }
        cluster = _lastCluster;
        return true;
    }

    private (uint Index, uint Cluster) Nearest(uint index)
    {
        int mark = (int)Math.Min(index / Stride, (uint)_marks.Count) - 1;
        if (mark < _marks.Count - 1 && (mark + 1) * Stride <= index) mark++;
        (uint at, uint cluster) = mark < 0 ? (0, First) : ((uint)mark * Stride, _marks[mark]);
        bool isLastNearer = _lastCluster != 0 && _lastIndex <= index && _lastIndex >= at;
        return isLastNearer ? (_lastIndex, _lastCluster) : (at, cluster);
    }
}

// Bytes of open files: reading, writing, cutting and growing.
//
// FAT has no holes: a gap is clusters of zeros. New clusters before the place of a write are zeroed
// on the disk at once, while nothing leads to them, so that a gap of any size needs little memory.
// Rules: bytes of the last cluster beyond the length are anything; growing clears them first. A
// chain that grows by much does so in several transactions; until the last one the node IsLoose,
// and what is too much goes with its last holder.

using System;
using Servers.FatFs.Caching;
using Servers.FatFs.Volumes;
using Shared.Abi;

namespace Servers.FatFs.Trees;

/// <param name="commitPiece">Commits the transaction so far; room is made for the next.</param>
internal sealed class FileBytes(
    FatVolume volume, NodeTable nodes, FatTree tree, Orphans orphans, Action commitPiece)
{
    public const uint MaxBytes = uint.MaxValue;
    private const int ReadAheadBytes = 64 * 1024;
    /// <summary>Clusters that one transaction takes at most.</summary>
    private const int PieceClusters = 512;

    private readonly uint _clusterBytes = volume.Layout.ClusterBytes;
    private readonly uint _blockBytes = (uint)volume.Cache.BlockBytes;

    /// <summary>Number of bytes copied; 0 at or after the end.</summary>
    public int Read(FatNode node, ulong offset, Span<byte> target)
    {
        uint length = node.State.LengthBytes;
        if (offset >= length) return 0;
        int total = (int)Math.Min((ulong)target.Length, length - offset);
        uint ahead = node.NextReadOffset == offset && offset != 0 ? ReadAheadBytes : 0u;
        for (int done = 0; done < total;)
        {
            ulong position = offset + (ulong)done;
            ulong wanted = Math.Min((ulong)(total - done) + ahead, length - position);
            uint needed = (uint)Math.Min(total - done, ReadAheadBytes);
            ulong run = FetchRun(node, position, needed, (uint)Math.Min(wanted, ReadAheadBytes));
            int count = (int)Math.Min(run, (ulong)(total - done));
            ulong at = AddressOf(node, position);
            ReadBlocks(at, target.Slice(done, count));
            done += count;
        }
        node.NextReadOffset = offset + (ulong)total;
        return total;
    }

    /// <summary>TooLarge or NoSpace, and nothing changed; or all is staged.</summary>
    public Status Write(FatNode node, ulong offset, ReadOnlySpan<byte> source)
    {
        if (offset > MaxBytes || (ulong)source.Length > MaxBytes - offset) return Status.TooLarge;
        if (source.IsEmpty) return Status.Ok;
        uint length = node.State.LengthBytes;
        ulong end = offset + (ulong)source.Length;
        if (end > length)
        {
            Status status = Grow(node, end, zeroBelow: offset);
            if (status != Status.Ok) return status;
            ClearTail(node, length, Math.Min(offset, TailEnd(length)));
        }
        WriteBlocks(node, offset, source, length);
        tree.Update(node, node.State.FirstCluster, (uint)Math.Max(length, end));
        return Status.Ok;
    }

    public Status SetLength(FatNode node, ulong lengthBytes)
    {
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        uint length = node.State.LengthBytes;
        if (lengthBytes > length)
        {
            Status status = Grow(node, lengthBytes, zeroBelow: lengthBytes);
            if (status != Status.Ok) return status;
            ClearTail(node, length, Math.Min(lengthBytes, TailEnd(length)));
        }
        uint first = node.State.FirstCluster;
        if (lengthBytes < length) first = Cut(node, volume.Layout.ClustersOf(lengthBytes));
        tree.Update(node, first, (uint)lengthBytes);
        return Status.Ok;
    }

    /// <summary>Gives back what a write that was not ended has taken.</summary>
    public void Tighten(FatNode node)
    {
        if (!node.State.IsLoose) return;
        uint first = Cut(node, volume.Layout.ClustersOf(node.State.LengthBytes));
        nodes.Change(node, node.State with { FirstCluster = first, IsLoose = false });
    }

    /// <summary>The chain ends after so many clusters; answers its first.</summary>
    private uint Cut(FatNode node, uint clusters)
    {
        if (clusters == 0)
        {
            orphans.Add(node.State.FirstCluster);
            return 0;
        }
        if (!node.Chain.TryAt(clusters, out uint rest)) return node.State.FirstCluster;
        volume.Table.Set(node.Chain.At(clusters - 1), FatTable.End);
        node.Chain.Forget(clusters);
        orphans.Add(rest);
        return node.State.FirstCluster;
    }

    /// <summary>
    /// The chain has clusters for so many bytes; new ones that begin before zeroBelow are zeros.
    /// </summary>
    private Status Grow(FatNode node, ulong bytes, ulong zeroBelow)
    {
        uint needed = volume.Layout.ClustersOf(bytes);
        uint zeroed = volume.Layout.ClustersOf(zeroBelow);
        if (needed > volume.Layout.ClusterCount) return Status.NoSpace;
        ZeroExcess(node, zeroed);
        while (!node.Chain.TryAt(needed - 1, out _))
        {
            (uint last, uint count) = node.Chain.End;
            // A long way is not begun that cannot be ended.
            bool isLong = needed - count > PieceClusters;
            if (isLong && needed - count > volume.Allocator.CountFree()) return Status.NoSpace;
            uint target = Math.Min(needed, count + PieceClusters);
            if (!Extend(node, last, count, target, zeroed)) return Status.NoSpace;
            if (target == needed) break;
            nodes.Change(node, node.State with { IsLoose = true });
            commitPiece();
        }
        return Status.Ok;
    }

    /// <summary>Clusters that the chain has beyond its length become a part of the gap.</summary>
    private void ZeroExcess(FatNode node, uint zeroed)
    {
        uint index = volume.Layout.ClustersOf(node.State.LengthBytes);
        for (; index < zeroed && node.Chain.TryAt(index, out uint cluster); index++)
        {
            ZeroRun(cluster, 1);
        }
    }

    private bool Extend(FatNode node, uint last, uint count, uint target, uint zeroed)
    {
        uint runFirst = 0, runLength = 0;
        for (uint index = count; index < target; index++)
        {
            uint added = volume.Extend(last);
            if (added == 0) return false;
            if (index == 0) nodes.Change(node, node.State with { FirstCluster = added });
            last = added;
            if (index >= zeroed) continue;
            if (runLength != 0 && added != runFirst + runLength)
            {
                ZeroRun(runFirst, runLength);
                runLength = 0;
            }
            if (runLength++ == 0) runFirst = added;
        }
        ZeroRun(runFirst, runLength);
        return true;
    }

    private void ZeroRun(uint first, uint clusters)
    {
        if (clusters == 0) return;
        const uint stepBytes = 64 * 1024;
        ulong block = volume.FirstBlock(first);
        ulong blocks = clusters * (ulong)volume.BlocksPerCluster;
        volume.WriteBack.NoteWritten();
        while (blocks != 0)
        {
            uint count = (uint)Math.Min(blocks, stepBytes / _blockBytes);
            volume.Cache.ZeroNow(block, (int)count);
            block += count;
            blocks -= count;
        }
    }

    /// <summary>Where the cluster ends that holds the last byte.</summary>
    private ulong TailEnd(uint length) => volume.Layout.ClustersOf(length) * (ulong)_clusterBytes;

    /// <summary>
    /// What lies between the length and a new end is going to be read as zeros.
    /// </summary>
    private void ClearTail(FatNode node, ulong from, ulong to)
    {
        while (from < to)
        {
            ulong at = AddressOf(node, from);
            uint inBlock = (uint)(at % _blockBytes);
            int count = (int)Math.Min(to - from, _blockBytes - inBlock);
            ulong block = at / _blockBytes;
            Span<byte> bytes = inBlock == 0
                ? volume.Cache.Fresh(block, BlockClass.Data)
                : volume.Cache.Change(block, BlockClass.Data);
            bytes.Slice((int)inBlock, count).Clear();
            from += (ulong)count;
        }
    }

    /// <param name="length">Of the file before: what lies behind it need not be read.</param>
    private void WriteBlocks(FatNode node, ulong offset, ReadOnlySpan<byte> source, uint length)
    {
        ulong position = offset;
        while (!source.IsEmpty)
        {
            ulong at = AddressOf(node, position);
            uint inBlock = (uint)(at % _blockBytes);
            int count = (int)Math.Min((uint)source.Length, _blockBytes - inBlock);
            ulong block = at / _blockBytes;
            bool isWhole = inBlock == 0 && (count == _blockBytes || position >= length);
            Span<byte> bytes = isWhole
                ? volume.Cache.Fresh(block, BlockClass.Data)
                : volume.Cache.Change(block, BlockClass.Data);
            source[..count].CopyTo(bytes[(int)inBlock..]);
            source = source[count..];
            position += (ulong)count;
        }
    }

    private void ReadBlocks(ulong at, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int inBlock = (int)(at % _blockBytes);
            int count = Math.Min(target.Length, (int)_blockBytes - inBlock);
            volume.Cache.Read(at / _blockBytes).Slice(inBlock, count).CopyTo(target);
            target = target[count..];
            at += (ulong)count;
        }
    }

    /// <summary>Bytes from a position on that lie in a row; they are in the cache then.</summary>
    private ulong FetchRun(FatNode node, ulong position, uint needed, uint wanted)
    {
        uint index = (uint)(position / _clusterBytes), inCluster = (uint)(position % _clusterBytes);
        uint first = node.Chain.At(index);
        ulong run = _clusterBytes - inCluster;
        for (uint more = 1; run < wanted; more++)
        {
            if (!node.Chain.TryAt(index + more, out uint next) || next != first + more) break;
            run += _clusterBytes;
        }
        ulong start = volume.Layout.ClusterStart(first) + inCluster;
        ulong firstBlock = start / _blockBytes;
        volume.Cache.Prefetch(firstBlock, BlocksTo(needed), BlocksTo(wanted));
        return run;

        int BlocksTo(uint bytes) =>
            (int)((start + Math.Min(run, bytes) - 1) / _blockBytes - firstBlock + 1);
    }

    private ulong AddressOf(FatNode node, ulong position) =>
        volume.Layout.ClusterStart(node.Chain.At((uint)(position / _clusterBytes)))
        + position % _clusterBytes;
}

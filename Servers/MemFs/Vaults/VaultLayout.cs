// Where everything lies in the vault of a mount: header, log, requests, locks, nodes, the index of
// names, chunks.
//
// Rules: a change of any number here is another format (see VaultFormat).

using System;
using System.Numerics;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class VaultLayout
{
    public const int LogWords = 1024;
    public const int MaxRequests = 256;
    /// <summary>Open capabilities that lock their files; the vault knows no others.</summary>
    public const int MaxLocks = 4096;
    private const ulong LockBytes = 32;
    public const ulong NodeBytes = 384;
    /// <summary>
    /// Beyond what files may have: a write goes into fresh chunks before it gives back the old, and
    /// the largest touches so many; one stays taken for the next write.
    /// </summary>
    public const int SpareChunks = Limits.MaxWriteBytes / ChunkStore.ChunkBytes + 2;
    /// <summary>A power of two.</summary>
    public const int LockBuckets = MaxLocks / 4;
    private const int NodesPerBucket = 4;
    private const ulong QuotaBytesPerNode = 1024;

    /// <summary>Beside the header and VaultHead.</summary>
    public const ulong SpareAt = 128;
    public const ulong StagingFirst = 256;
    public const ulong LogFirst = Limits.PageBytes;
    public static readonly ulong RequestsFirst = LogFirst + InPages(UndoLog.BytesFor(LogWords));
    public static readonly ulong LockMapFirst =
        RequestsFirst + InPages(RequestLog.BytesFor(MaxRequests));
    private static readonly ulong s_lockBucketsFirst =
        LockMapFirst + InPages(SlotMap.BytesFor(MaxLocks));
    private static readonly ulong s_locksFirst =
        s_lockBucketsFirst + InPages(WordsFor(LockBuckets));
    public static readonly ulong NodeMapFirst = s_locksFirst + InPages(MaxLocks * LockBytes);

    private readonly ulong _nameBucketsFirst;
    private readonly ulong _chunksFirst;

    public VaultLayout(int totalChunks, int maxNodes)
    {
        TotalChunks = totalChunks;
        MaxNodes = maxNodes;
        Chunks = totalChunks + SpareChunks;
        NameBuckets = (int)BitOperations.RoundUpToPowerOf2((uint)(maxNodes / NodesPerBucket + 1));
        NodesFirst = NodeMapFirst + InPages(SlotMap.BytesFor(maxNodes));
        _nameBucketsFirst = NodesFirst + InPages((ulong)maxNodes * NodeBytes);
        ChunkMapFirst = _nameBucketsFirst + InPages(WordsFor(NameBuckets));
        DirtyMapFirst = ChunkMapFirst + InPages(SlotMap.BytesFor(Chunks));
        _chunksFirst = DirtyMapFirst + InPages(DirtyMap.BytesFor(Chunks));
        EndBytes = _chunksFirst + (ulong)Chunks * ChunkStore.ChunkBytes;
    }

    public int TotalChunks { get; }
    public int MaxNodes { get; }
    public int Chunks { get; }
    /// <summary>A power of two.</summary>
    public int NameBuckets { get; }
    public ulong NodesFirst { get; }
    public ulong ChunkMapFirst { get; }
    public ulong DirtyMapFirst { get; }
    public ulong EndBytes { get; }

    public static ulong Lock(int slot) => s_locksFirst + (ulong)slot * LockBytes;
    public static ulong LockBucket(int bucket) =>
        s_lockBucketsFirst + sizeof(ulong) * (ulong)bucket;
    public ulong Node(int slot) => NodesFirst + (ulong)slot * NodeBytes;
    public ulong NameBucket(int bucket) => _nameBucketsFirst + sizeof(ulong) * (ulong)bucket;
    public ulong Chunk(int chunk) => _chunksFirst + (ulong)chunk * ChunkStore.ChunkBytes;

    public static VaultLayout For(ulong quotaBytes) => new(
        checked((int)(quotaBytes / ChunkStore.ChunkBytes)),
        Math.Max(1, checked((int)(quotaBytes / QuotaBytesPerNode))));

    /// <summary>The quota, or as much of it as the vault can hold.</summary>
    public static VaultLayout For(ulong quotaBytes, ulong vaultBytes)
    {
        VaultLayout wanted = For(quotaBytes);
        if (wanted.EndBytes <= vaultBytes) return wanted;
        ulong leastBytes = For(0).EndBytes;
        if (vaultBytes < leastBytes) throw new ArgumentException("vault too small");
        ulong low = 0;
        ulong high = quotaBytes / ChunkStore.ChunkBytes;
        while (high - low > 1)
        {
            ulong middle = (low + high) / 2;
            if (For(middle * ChunkStore.ChunkBytes).EndBytes <= vaultBytes) low = middle;
            else high = middle;
        }
        return For(low * ChunkStore.ChunkBytes);
    }

    private static ulong WordsFor(int count) => sizeof(ulong) * (ulong)count;

    private static ulong InPages(ulong bytes) =>
        (bytes + Limits.PageBytes - 1) & ~(Limits.PageBytes - 1UL);
}

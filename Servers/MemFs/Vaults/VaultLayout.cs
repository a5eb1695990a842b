// Where everything lies in the vault of a mount: header, log, requests, open capabilities, nodes,
// the index of names, chunks.
//
// Rules: a change of any number here is another format (see VaultFormat).

using System;
using System.Numerics;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class VaultLayout(int totalChunks, int maxNodes)
{
    public const int LogWords = 1024;
    public const int MaxRequests = 256;
    public const int MaxBadges = 16384;
    public const ulong BadgeBytes = 32;
    public const ulong NodeBytes = 384;
    /// <summary>
    /// Beyond what files may have: a write goes into fresh chunks before it gives back the old, and
    /// the largest touches so many.
    /// </summary>
    public const int SpareChunks = Limits.MaxWriteBytes / ChunkStore.ChunkBytes + 1;
    private const int BadgesPerBucket = 4;
    private const int NodesPerBucket = 4;
    private const ulong QuotaBytesPerNode = 1024;

    public int TotalChunks => totalChunks;
    public int MaxNodes => maxNodes;
    public int Chunks => totalChunks + SpareChunks;
    /// <summary>A power of two.</summary>
    public static int BadgeBuckets => MaxBadges / BadgesPerBucket;
    /// <summary>A power of two.</summary>
    public int NameBuckets =>
        (int)BitOperations.RoundUpToPowerOf2((uint)(maxNodes / NodesPerBucket + 1));

    /// <summary>Beside the header and VaultHead.</summary>
    public const ulong RequestCountAt = 128;
    public static ulong LogFirst => Limits.PageBytes;
    public static ulong RequestsFirst => LogFirst + InPages(RedoLog.BytesFor(LogWords));
    public static ulong BadgeMapFirst => RequestsFirst + InPages(RequestLog.BytesFor(MaxRequests));
    private static ulong BadgeBucketsFirst => BadgeMapFirst + InPages(SlotMap.BytesFor(MaxBadges));
    private static ulong BadgesFirst => BadgeBucketsFirst + InPages(WordsFor(BadgeBuckets));
    public static ulong NodeMapFirst => BadgesFirst + InPages(MaxBadges * BadgeBytes);
    private ulong NodesFirst => NodeMapFirst + InPages(SlotMap.BytesFor(maxNodes));
    private ulong NameBucketsFirst => NodesFirst + InPages((ulong)maxNodes * NodeBytes);
    public ulong ChunkMapFirst => NameBucketsFirst + InPages(WordsFor(NameBuckets));
    public ulong DirtyMapFirst => ChunkMapFirst + InPages(SlotMap.BytesFor(Chunks));
    private ulong ChunksFirst => DirtyMapFirst + InPages(DirtyMap.BytesFor(Chunks));
    public ulong EndBytes => ChunksFirst + (ulong)Chunks * ChunkStore.ChunkBytes;

    public static ulong Badge(int slot) => BadgesFirst + (ulong)slot * BadgeBytes;
    public static ulong BadgeBucket(int bucket) =>
        BadgeBucketsFirst + sizeof(ulong) * (ulong)bucket;
    public ulong Node(int slot) => NodesFirst + (ulong)slot * NodeBytes;
    public ulong NameBucket(int bucket) => NameBucketsFirst + sizeof(ulong) * (ulong)bucket;
    public ulong Chunk(int chunk) => ChunksFirst + (ulong)chunk * ChunkStore.ChunkBytes;

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

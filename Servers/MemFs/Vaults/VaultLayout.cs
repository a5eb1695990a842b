// Where everything lies in the vault of a mount: header, log, requests, badges, nodes, chunks.
//
// Rules: a change of any number here is another format (see VaultFormat).

using System;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class VaultLayout(int totalChunks, int maxNodes)
{
    public const int LogWords = 1024;
    public const int MaxRequests = 256;
    public const int MaxBadges = 16384;
    public const ulong BadgeBytes = 16;
    public const ulong NodeBytes = 320;
    public const ulong OwnerBytes = 8;
    /// <summary>
    /// Beyond what files may have: a write goes into fresh chunks before it gives back the old, and
    /// the largest touches so many.
    /// </summary>
    public const int SpareChunks = Limits.MaxWriteBytes / ChunkStore.ChunkBytes + 1;
    private const ulong QuotaBytesPerNode = 1024;

    public int TotalChunks => totalChunks;
    public int MaxNodes => maxNodes;
    public int Chunks => totalChunks + SpareChunks;

    public static ulong LogFirst => Limits.PageBytes;
    public static ulong RequestsFirst => LogFirst + InPages(RedoLog.BytesFor(LogWords));
    private static ulong BadgesFirst => RequestsFirst + InPages(RequestLog.BytesFor(MaxRequests));
    private static ulong NodesFirst => BadgesFirst + InPages(MaxBadges * BadgeBytes);
    private ulong OwnersFirst => NodesFirst + InPages((ulong)MaxNodes * NodeBytes);
    private ulong ChunksFirst => OwnersFirst + InPages((ulong)Chunks * OwnerBytes);
    public ulong EndBytes => ChunksFirst + (ulong)Chunks * ChunkStore.ChunkBytes;

    public static ulong Badge(int slot) => BadgesFirst + (ulong)slot * BadgeBytes;
    public static ulong Node(int slot) => NodesFirst + (ulong)slot * NodeBytes;
    public ulong Owner(int chunk) => OwnersFirst + (ulong)chunk * OwnerBytes;
    public ulong Chunk(int chunk) => ChunksFirst + (ulong)chunk * ChunkStore.ChunkBytes;

    public static VaultLayout For(ulong quotaBytes) => new(
        checked((int)(quotaBytes / ChunkStore.ChunkBytes)),
        Math.Max(1, checked((int)(quotaBytes / QuotaBytesPerNode))));

    /// <summary>The quota, or as much of it as the vault can hold.</summary>
    public static VaultLayout For(ulong quotaBytes, ulong vaultBytes)
    {
        VaultLayout wanted = For(quotaBytes);
        if (wanted.EndBytes <= vaultBytes) return wanted;
        ulong leastBytes = For(0).EndBytes + 3 * Limits.PageBytes;
        if (vaultBytes < leastBytes) throw new ArgumentException("vault too small");
        ulong nodesPerChunk = ChunkStore.ChunkBytes / QuotaBytesPerNode;
        ulong perChunk = ChunkStore.ChunkBytes + OwnerBytes + nodesPerChunk * NodeBytes;
        return For((vaultBytes - leastBytes) / perChunk * ChunkStore.ChunkBytes);
    }

    private static ulong InPages(ulong bytes) =>
        (bytes + Limits.PageBytes - 1) & ~(Limits.PageBytes - 1UL);
}

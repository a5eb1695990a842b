// The vault of one mount: made once, opened by every incarnation, changed by one transaction for
// each request.
//
// Rules: the vault is the tree; nothing is copied out of it, so a start costs the same whatever is
// in it (decision 0023). Whoever changes the tree changes its words through Log; the server
// loop commits before it answers. A vault that was written by nobody is made anew; one that cannot
// be read is never: its bytes are somebody's files.

using System;
using Servers.MemFs.Staging;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class MemVault
{
    private const int TotalChunksParameter = 0;
    private const int MaxNodesParameter = 1;
    private const int Parameters = 2;
    private const int ClockShift = 10;

    private readonly VaultHeader _header;

    /// <param name="firstSerial">Of a new vault: behind all that were ever given out.</param>
    public MemVault(IVaultMemory memory, MemFsOptions options, ulong firstSerial = 0)
    {
        Memory = memory;
        Log = new UndoLog(memory, VaultLayout.LogFirst, VaultLayout.LogWords);
        _header = new VaultHeader(memory, VaultFormat.Name, Parameters, VaultFormat.Older);
        Layout = IsNew
            ? VaultLayout.For(options.QuotaBytes, memory.LengthBytes)
            : ReadLayout();
        if (IsNew) Format();
        else Log.Recover();
        Head = new VaultHead(Log, IsNew, firstSerial);
        Chunks = new ChunkStore(memory, Log, Layout);
        Nodes = new NodeTable(memory, Log, Layout);
        Requests = new RequestLog(Log, VaultLayout.MaxRequests, VaultLayout.RequestsFirst);
        // Its records are brought to this format as they are come to (NodeTable).
        if (_header.IsOlder) _header.Publish();
    }

    /// <summary>
    /// A vault that dies with this process. Badges may outlive it, so serials start at the clock,
    /// which nobody opens files as fast as.
    /// </summary>
    /// <param name="nowNs">Nanoseconds since boot.</param>
    public static MemVault OnHeap(MemFsOptions options, ulong nowNs) => new(
        new HeapVaultMemory(VaultLayout.For(options.QuotaBytes).EndBytes), options,
        nowNs >> ClockShift & (1UL << VaultHead.SerialBits) - 1);

    public IVaultMemory Memory { get; }
    public VaultLayout Layout { get; }
    public UndoLog Log { get; }
    public VaultHead Head { get; }
    public ChunkStore Chunks { get; }
    public NodeTable Nodes { get; }
    public RequestLog Requests { get; }
    /// <summary>Nothing is in it yet, and it will be made anew until Publish.</summary>
    public bool IsNew => _header.IsNew;

    /// <summary>What was changed since the last time outlives this process from now on.</summary>
    public void Commit()
    {
        Nodes.Stage();
        Chunks.Stage();
        Head.Stage();
        if (!Log.HasChanges) return;
        Log.Commit();
        Chunks.Settle();
    }

    /// <summary>The new vault is complete: from now on it is opened, not made.</summary>
    public void Publish()
    {
        Commit();
        _header.Publish();
    }

    private void Format()
    {
        // Somebody may have died while he made it.
        Memory.Discard(VaultLayout.LogFirst, Layout.EndBytes - VaultLayout.LogFirst);
        Log.Reset();
        _header.Write((ulong)Layout.TotalChunks, (ulong)Layout.MaxNodes);
        Memory.Store(VaultLayout.SpareAt, 0);
        StagingTable.Format(Memory);
    }

    private VaultLayout ReadLayout()
    {
        VaultLayout layout = new(
            checked((int)_header.Parameters[TotalChunksParameter]),
            checked((int)_header.Parameters[MaxNodesParameter]));
        if (layout.EndBytes <= Memory.LengthBytes) return layout;
        throw new VaultDamagedException("vault is shorter than its header says");
    }
}

// The vault of one mount: made once, opened by every incarnation, changed by one transaction for
// each request.
//
// Rules: whoever changes the tree puts the words of the change into Log; the server loop commits
// before it answers. A vault that was written by nobody is made anew; one that cannot be read is
// never: its bytes are somebody's files.

using System;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal sealed class MemVault
{
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKMEMFS1";
    private const int TotalChunksParameter = 0;
    private const int MaxNodesParameter = 1;
    private const int Parameters = 2;
    private const ulong LastNumberAt = 64;
    public const ulong NodeSlotsAt = 72;
    public const ulong BadgeSlotsAt = 80;
    private const ulong RequestCountAt = 88;
    private const ulong LastCookieAt = 96;

    private readonly VaultHeader _header;
    private ulong _lastNumber;
    private ulong _lastCookie;

    public MemVault(IVaultMemory memory, MemFsOptions options)
    {
        Memory = memory;
        Log = new RedoLog(memory, VaultLayout.LogFirst, VaultLayout.LogWords);
        _header = new VaultHeader(memory, Name, Parameters);
        Layout = IsNew
            ? VaultLayout.For(options.QuotaBytes, memory.LengthBytes)
            : ReadLayout();
        if (IsNew) Format();
        else Log.Recover();
        _lastNumber = memory.Load(LastNumberAt);
        _lastCookie = memory.Load(LastCookieAt);
        Chunks = new ChunkStore(this);
        Nodes = new NodeTable(this);
        Requests = new RequestLog(
            memory, Log, VaultLayout.MaxRequests, RequestCountAt, VaultLayout.RequestsFirst);
    }

    /// <summary>A vault that dies with this process.</summary>
    public static MemVault OnHeap(MemFsOptions options) => new(
        new HeapVaultMemory(VaultLayout.For(options.QuotaBytes).EndBytes), options);

    public IVaultMemory Memory { get; }
    public VaultLayout Layout { get; }
    public RedoLog Log { get; }
    public ChunkStore Chunks { get; }
    public NodeTable Nodes { get; }
    public RequestLog Requests { get; }
    /// <summary>Nothing is in it yet, and it will be made anew until Publish.</summary>
    public bool IsNew => _header.IsNew;

    /// <summary>For a node: grows, and is never used twice.</summary>
    public ulong NextNumber()
    {
        Log.Set(LastNumberAt, ++_lastNumber);
        return _lastNumber;
    }

    /// <summary>For an entry's place in a listing: grows, and is never used twice.</summary>
    public ulong NextCookie()
    {
        Log.Set(LastCookieAt, ++_lastCookie);
        return _lastCookie;
    }

    /// <summary>What was changed since the last time outlives this process from now on.</summary>
    public void Commit()
    {
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
        Log.Reset();
        _header.Write((ulong)Layout.TotalChunks, (ulong)Layout.MaxNodes);
        Memory.Store(LastNumberAt, 0);
        Memory.Store(LastCookieAt, 0);
        Memory.Store(NodeSlotsAt, 0);
        Memory.Store(BadgeSlotsAt, 0);
        Memory.Store(RequestCountAt, 0);
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

// The vault of one mount: made once, opened by every incarnation, changed by one transaction for
// each request.
//
// Rules: whoever changes the tree puts the words of the change into Log; the server loop commits
// before it answers. A vault that was written by nobody is made anew; one that cannot be read is
// never: its bytes are somebody's files.

using System;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class MemVault
{
    private const int TotalChunksParameter = 0;
    private const int MaxNodesParameter = 1;
    private const int Parameters = 2;
    private const ulong LastNumberAt = 64;
    private const ulong NodeSlotsAt = 72;
    private const ulong BadgeSlotsAt = 80;
    private const ulong RequestCountAt = 88;
    private const ulong LastCookieAt = 96;
    private const ulong ChunkSlotsAt = 104;
    private const ulong SumAt = 112;

    private readonly VaultHeader _header;
    private ulong _lastNumber, _storedNumber;
    private ulong _lastCookie, _storedCookie;
    private ulong _storedSum;

    public MemVault(IVaultMemory memory, MemFsOptions options)
    {
        Memory = memory;
        Log = new RedoLog(memory, VaultLayout.LogFirst, VaultLayout.LogWords);
        _header = new VaultHeader(memory, VaultFormat.Name, Parameters, VaultFormat.Older);
        Layout = IsNew
            ? VaultLayout.For(options.QuotaBytes, memory.LengthBytes)
            : ReadLayout();
        if (IsNew) Format();
        else Log.Recover();
        if (_header.IsOlder) Migrate();
        _lastNumber = _storedNumber = memory.Load(LastNumberAt);
        _lastCookie = _storedCookie = memory.Load(LastCookieAt);
        _storedSum = memory.Load(SumAt);
        ToggleNumbers();
        NodeSlots = new SlotPool(memory, Log, NodeSlotsAt, Layout.MaxNodes);
        BadgeSlots = new SlotPool(memory, Log, BadgeSlotsAt, VaultLayout.MaxBadges);
        ChunkSlots = new SlotPool(memory, Log, ChunkSlotsAt, Layout.Chunks);
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
    public VaultSum Sum { get; } = new();
    public SlotPool NodeSlots { get; }
    public SlotPool BadgeSlots { get; }
    public SlotPool ChunkSlots { get; }
    public ChunkStore Chunks { get; }
    public NodeTable Nodes { get; }
    public RequestLog Requests { get; }
    /// <summary>Nothing is in it yet, and it will be made anew until Publish.</summary>
    public bool IsNew => _header.IsNew;

    /// <summary>For a node: grows, and is never used twice.</summary>
    public ulong NextNumber() => ++_lastNumber;

    /// <summary>For an entry's place in a listing: grows, and is never used twice.</summary>
    public ulong NextCookie() => ++_lastCookie;

    /// <summary>Every record has been read and counted: now they must agree.</summary>
    public void Verify()
    {
        if (Sum.Value == _storedSum) return;
        throw new VaultDamagedException("the vault's tables do not agree with their checksum");
    }

    /// <summary>What was changed since the last time outlives this process from now on.</summary>
    public void Commit()
    {
        Stage();
        Log.Commit();
        Chunks.Settle();
        NodeSlots.Settle();
        BadgeSlots.Settle();
        ChunkSlots.Settle();
    }

    /// <summary>The new vault is complete: from now on it is opened, not made.</summary>
    public void Publish()
    {
        Commit();
        _header.Publish();
    }

    /// <summary>What is set once for a transaction, however often it has changed.</summary>
    private void Stage()
    {
        Nodes.Stage();
        if (_lastNumber != _storedNumber || _lastCookie != _storedCookie)
        {
            ToggleNumbers();
            if (_lastNumber != _storedNumber) Log.Set(LastNumberAt, _lastNumber);
            if (_lastCookie != _storedCookie) Log.Set(LastCookieAt, _lastCookie);
            _storedNumber = _lastNumber;
            _storedCookie = _lastCookie;
            ToggleNumbers();
        }
        NodeSlots.Stage();
        BadgeSlots.Stage();
        ChunkSlots.Stage();
        if (Sum.Value == _storedSum) return;
        _storedSum = Sum.Value;
        Log.Set(SumAt, _storedSum);
    }

    private void ToggleNumbers()
    {
        Sum.Toggle(VaultSum.Hash(RecordKind.LastNumber, _storedNumber));
        Sum.Toggle(VaultSum.Hash(RecordKind.LastCookie, _storedCookie));
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
        Memory.Store(ChunkSlotsAt, 0);
        Memory.Store(SumAt, 0);
    }

    /// <summary>
    /// From format 1: the time of making is that of the last change, for want of a better one. Made
    /// again from its start when it is cut short, since the header comes last.
    /// </summary>
    private void Migrate()
    {
        int used = (int)Math.Min(Memory.Load(NodeSlotsAt), (ulong)Layout.MaxNodes);
        for (int slot = 0; slot < used; slot++) NodeTable.GiveCreation(Memory, slot);
        _header.Publish();
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

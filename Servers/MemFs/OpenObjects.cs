// What each badge stands for, who holds what, and who has locked it.
//
// The badge says it itself (FileBadge), so opening and closing change nothing in the vault, but for
// the promise of serials; a lock is a record there. Who holds a node is counted for nodes that this
// incarnation has made, since it has minted all that there is of them; for others the kernel is
// asked, when it is of interest: when the node is deleted, and when one of the holders of a deleted
// one has gone.

using System;
using System.Collections.Generic;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(Node Node, OpenMode Mode);

internal sealed class OpenObjects(MemVault vault)
{
    public static readonly Badge RootBadge = new(1);
    private const int PageCounts = 512;

    private readonly VaultHead _head = vault.Head;
    private readonly NodeTable _nodes = vault.Nodes;
    private readonly LockTable _locks = new(vault.Log);
    /// <summary>Of nodes that this incarnation has made, by record.</summary>
    private readonly int[]?[] _counts = new int[vault.Layout.MaxNodes / PageCounts + 1][];
    private IKernel? _kernel;
    private Handle _endpoint;

    /// <summary>
    /// Who knows which capabilities are live. Without, each old node counts as held.
    /// </summary>
    public void Ask(IKernel kernel, Handle endpoint)
    {
        _kernel = kernel;
        _endpoint = endpoint;
    }

    public bool CanOpen => !_head.IsSpent;

    /// <summary>A badge that nobody has had; counts for nothing until Opened.</summary>
    public Badge NextBadge(Node node, OpenMode mode) =>
        new FileBadge(node.Slot, mode, _head.NextSerial()).Badge;

    /// <summary>There is a capability with a badge of the node.</summary>
    public void Opened(Node node)
    {
        if (IsOwn(node)) CountOf(node)++;
    }

    /// <summary>
    /// Nobody has the badge any more. False when it stands for nothing, which is no error: the
    /// kernel tells again what was not acknowledged.
    /// </summary>
    public bool TryClose(Badge badge, out Node node)
    {
        node = default;
        bool isKnown = badge != RootBadge && new FileBadge(badge.Value).Serial <= _head.LastSerial;
        if (!isKnown || !TryFind(badge, out OpenObject closed)) return false;
        node = closed.Node;
        if (!node.Locks.IsNone) Unlock(badge, node);
        if (!IsOwn(node)) return true;
        ref int count = ref CountOf(node);
        if (count > 0) count--;
        return true;
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        FileBadge file = new(badge.Value);
        bool isThere = _nodes.TryOpen(file.Slot, file.Serial, out Node node);
        found = new OpenObject(node, file.Mode);
        return isThere;
    }

    /// <summary>Somebody has a capability for the node, besides those of one badge.</summary>
    public bool IsHeld(Node node, Badge except = default)
    {
        if (IsOwn(node)) return CountOf(node) != 0;
        if (_kernel is null) return true;
        Span<ulong> badges = stackalloc ulong[2];
        Result<uint> listed = _kernel.ListBadges(_endpoint, badges, FileBadge.Before(node.Slot));
        if (!listed.IsOk) return true;
        foreach (ulong badge in badges[..(int)listed.Value])
        {
            if (badge != except.Value && new FileBadge(badge).Slot == node.Slot) return true;
        }
        return false;
    }

    /// <summary>
    /// Gives the capability another lock on its file, or none. Locked, and nothing has changed,
    /// when another capability has one that does not go with it; QuotaExceeded when there are too
    /// many.
    /// </summary>
    public Status SetLock(Badge badge, Node file, LockMode mode)
    {
        LockMode own = file.Locks.IsNone ? LockMode.None : _locks.ModeOf(badge);
        LockCounts others = file.Locks.Plus(own, -1);
        bool isRefused = mode switch
        {
            LockMode.Shared => others.Exclusive != 0,
            LockMode.Exclusive => !others.IsNone,
            _ => false,
        };
        if (isRefused) return Status.Locked;
        if (own == LockMode.None && mode != LockMode.None && _locks.IsFull)
            return Status.QuotaExceeded;
        file.Locks = others.Plus(mode, 1);
        _locks.Set(badge, mode);
        return Status.Ok;
    }

    /// <summary>All locks; each record is checked.</summary>
    public IEnumerable<(Badge Badge, LockMode Mode)> Locks => _locks.All();

    /// <summary>The badges of locks whose holders have gone.</summary>
    public List<Badge> GoneWithLocks()
    {
        List<Badge> gone = [];
        foreach ((Badge badge, _) in _locks.All())
        {
            if (!IsLive(badge)) gone.Add(badge);
        }
        return gone;
    }

    /// <summary>Somebody has it, or nobody can say.</summary>
    public bool IsLive(Badge badge) => _kernel is null || _kernel.IsHeld(_endpoint, badge);

    private void Unlock(Badge badge, Node node)
    {
        LockMode mode = _locks.ModeOf(badge);
        if (mode == LockMode.None) return;
        node.Locks = node.Locks.Plus(mode, -1);
        _locks.Set(badge, LockMode.None);
    }

    /// <summary>All capabilities for it are of this incarnation.</summary>
    private bool IsOwn(Node node) => node.Number > _head.FirstSerial;

    private ref int CountOf(Node node)
    {
        ref int[]? page = ref _counts[node.Slot / PageCounts];
        page ??= new int[PageCounts];
        return ref page[node.Slot % PageCounts];
    }
}

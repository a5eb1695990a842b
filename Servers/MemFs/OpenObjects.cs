// Which node each badge stands for, in the vault too: a capability outlives the incarnation that
// minted it.
//
// Rules: badge 1 is the root directory for ever. Other badges are never used twice, also not by a
// later incarnation: counting starts at the clock, which is always ahead of the badges ever used.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(MemNode Node, OpenMode Mode, int Slot);

internal sealed class OpenObjects
{
    public static readonly Badge RootBadge = new(1);
    private const int ModeBits = 8;
    private const ulong NodeAt = 8;

    private readonly MemVault _vault;
    private readonly MemTree _tree;
    private readonly Dictionary<Badge, OpenObject> _objects = [];
    private readonly Stack<int> _released = new();
    private int _slots;
    private ulong _lastBadge;

    /// <summary>Knows at once what earlier incarnations have left open.</summary>
    public OpenObjects(MemVault vault, MemTree tree, ulong nowNs)
    {
        _vault = vault;
        _tree = tree;
        _lastBadge = RootBadge.Value + nowNs;
        ulong slots = vault.Memory.Load(MemVault.BadgeSlotsAt);
        if (slots > VaultLayout.MaxBadges) throw new VaultDamagedException("badge count");
        _slots = (int)slots;
        for (int slot = 0; slot < _slots; slot++) Restore(slot);
    }

    public int Count => _objects.Count;
    public bool IsFull => _objects.Count == VaultLayout.MaxBadges;

    /// <summary>A badge that nobody has had; it stands for nothing until Add.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    /// <summary>The caller has seen that it is not full.</summary>
    public void Add(Badge badge, MemNode node, OpenMode mode)
    {
        if (!_released.TryPop(out int slot))
        {
            slot = _slots++;
            _vault.Log.Set(MemVault.BadgeSlotsAt, (ulong)_slots);
        }
        ulong at = VaultLayout.Badge(slot);
        _vault.Log.Set(at, badge.Value);
        _vault.Log.Set(at + NodeAt, node.Number << ModeBits | (ulong)mode);
        _objects.Add(badge, new OpenObject(node, mode, slot));
        _tree.Retain(node);
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        if (badge == RootBadge)
        {
            found = new OpenObject(_tree.Root, default, -1);
            return true;
        }
        return _objects.TryGetValue(badge, out found);
    }

    /// <summary>Nobody has the badge any more. One that is not known is ignored.</summary>
    public void Remove(Badge badge)
    {
        if (!_objects.Remove(badge, out OpenObject removed)) return;
        _vault.Log.Set(VaultLayout.Badge(removed.Slot), 0);
        _released.Push(removed.Slot);
        _tree.Release(removed.Node);
    }

    /// <summary>One whose badge is not live was closed while nobody served.</summary>
    public List<Badge> NotIn(HashSet<ulong> live)
    {
        List<Badge> gone = [];
        foreach (Badge badge in _objects.Keys)
        {
            if (!live.Contains(badge.Value)) gone.Add(badge);
        }
        return gone;
    }

    private void Restore(int slot)
    {
        ulong at = VaultLayout.Badge(slot);
        ulong badge = _vault.Memory.Load(at);
        if (badge == 0)
        {
            _released.Push(slot);
            return;
        }
        ulong word = _vault.Memory.Load(at + NodeAt);
        MemNode node = _tree.ByNumber(word >> ModeBits)
            ?? throw new VaultDamagedException($"badge {badge} without its node");
        OpenMode mode = (OpenMode)(word & (1 << ModeBits) - 1);
        _objects.Add(new Badge(badge), new OpenObject(node, mode, slot));
        _tree.Retain(node);
        _lastBadge = Math.Max(_lastBadge, badge);
    }
}

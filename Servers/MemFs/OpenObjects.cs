// Which node each badge stands for, in the vault too: a capability outlives the incarnation that
// minted it.
//
// Rules: badge 1 is the root directory for ever. Other badges are never used twice, also not by a
// later incarnation: counting starts at the clock, which is always ahead of the badges ever used.

using System;
using System.Collections.Generic;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(
    MemNode Node, OpenMode Mode, int Slot, LockMode Lock);

internal sealed class OpenObjects
{
    public static readonly Badge RootBadge = new(1);
    private const int LockShift = 8;
    private const int NumberShift = 16;
    private const ulong NodeAt = 8;

    private readonly MemVault _vault;
    private readonly MemTree _tree;
    private readonly Dictionary<Badge, OpenObject> _objects = [];
    private ulong _lastBadge;

    /// <summary>Knows at once what earlier incarnations have left open.</summary>
    public OpenObjects(MemVault vault, MemTree tree, ulong nowNs)
    {
        _vault = vault;
        _tree = tree;
        _lastBadge = RootBadge.Value + nowNs;
        int used = vault.BadgeSlots.Used;
        for (int slot = 0; slot < used; slot++) Restore(slot);
    }

    public int Count => _objects.Count;
    public bool IsFull => _objects.Count == VaultLayout.MaxBadges;

    /// <summary>A badge that nobody has had; it stands for nothing until Add.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    /// <summary>The caller has seen that it is not full.</summary>
    public void Add(Badge badge, MemNode node, OpenMode mode)
    {
        OpenObject added = new(node, mode, _vault.BadgeSlots.Take(), LockMode.None);
        _vault.Log.Set(VaultLayout.Badge(added.Slot), badge.Value);
        Keep(badge, added);
        _tree.Retain(node);
    }

    /// <summary>
    /// Gives the capability another lock on its file, or none. Locked, and nothing has changed,
    /// when another capability has one that does not go with it.
    /// </summary>
    public Status SetLock(Badge badge, LockMode mode)
    {
        OpenObject found = _objects[badge];
        MemFile file = (MemFile)found.Node;
        CountLock(file, found.Lock, -1);
        bool isRefused = mode switch
        {
            LockMode.Shared => file.ExclusiveLocks != 0,
            LockMode.Exclusive => file.ExclusiveLocks + file.SharedLocks != 0,
            _ => false,
        };
        CountLock(file, isRefused ? found.Lock : mode, 1);
        if (isRefused) return Status.Locked;
        _vault.Sum.Toggle(HashOf(badge, found));
        Keep(badge, found with { Lock = mode });
        return Status.Ok;
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        if (badge == RootBadge)
        {
            found = new OpenObject(_tree.Root, default, -1, LockMode.None);
            return true;
        }
        return _objects.TryGetValue(badge, out found);
    }

    /// <summary>Nobody has the badge any more. One that is not known is ignored.</summary>
    public void Remove(Badge badge)
    {
        if (!_objects.Remove(badge, out OpenObject removed)) return;
        _vault.Log.Set(VaultLayout.Badge(removed.Slot), 0);
        _vault.BadgeSlots.Release(removed.Slot);
        _vault.Sum.Toggle(HashOf(badge, removed));
        if (removed.Node is MemFile file) CountLock(file, removed.Lock, -1);
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

    /// <summary>The record has what the capability stands for, and counts in the sum.</summary>
    private void Keep(Badge badge, in OpenObject opened)
    {
        _vault.Log.Set(VaultLayout.Badge(opened.Slot) + NodeAt, WordOf(opened));
        _vault.Sum.Toggle(HashOf(badge, opened));
        _objects[badge] = opened;
    }

    private static ulong WordOf(in OpenObject opened) =>
        opened.Node.Number << NumberShift | (ulong)opened.Lock << LockShift | (ulong)opened.Mode;

    private static ulong HashOf(Badge badge, in OpenObject opened) => VaultSum.Hash(
        RecordKind.OpenObject, (ulong)opened.Slot, badge.Value, WordOf(opened));

    private static void CountLock(MemFile file, LockMode mode, int change)
    {
        if (mode == LockMode.Shared) file.SharedLocks += change;
        if (mode == LockMode.Exclusive) file.ExclusiveLocks += change;
    }

    private void Restore(int slot)
    {
        ulong at = VaultLayout.Badge(slot);
        ulong value = _vault.Memory.Load(at);
        if (value == 0)
        {
            _vault.BadgeSlots.Release(slot);
            return;
        }
        Badge badge = new(value);
        ulong word = _vault.Memory.Load(at + NodeAt);
        MemNode node = _tree.ByNumber(word >> NumberShift)
            ?? throw new VaultDamagedException($"badge {value} without its node");
        OpenObject opened = new(
            node, (OpenMode)(byte)word, slot, (LockMode)(byte)(word >> LockShift));
        if (!_objects.TryAdd(badge, opened)) throw new VaultDamagedException($"two {badge}");
        if (node is MemFile file) CountLock(file, opened.Lock, 1);
        _vault.Sum.Toggle(HashOf(badge, opened));
        _tree.Retain(node);
        _lastBadge = Math.Max(_lastBadge, value);
    }
}

// Which node each badge stands for: in the vault, since a capability outlives the incarnation that
// minted it.
//
// A record is the badge, the node, mode and lock with the link of the bucket's chain, and a check.
// Rules: badge 1 is the root directory for ever. Other badges are never used twice, also not by a
// later incarnation: counting starts at the clock, or behind what was ever given out.

using System;
using System.Collections.Generic;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(
    Node Node, OpenMode Mode, int Slot, LockMode Lock);

internal sealed class OpenObjects
{
    public static readonly Badge RootBadge = new(1);
    /// <summary>So many badges are promised to an incarnation with one transaction.</summary>
    private const ulong BadgeBlock = 4096;
    private const ulong KeyAt = 8;
    private const ulong WordAt = 16;
    private const ulong CheckAt = 24;
    private const int ModeShift = 32;
    private const int LockShift = 40;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    private readonly MemVault _vault;
    private readonly UndoLog _log;
    private readonly MemTree _tree;
    private readonly SlotMap _slots;
    /// <summary>Found to be whole by this incarnation, or written by it.</summary>
    private readonly BitMap _checked = new(VaultLayout.MaxBadges);
    private ulong _lastBadge;

    /// <summary>Knows at once what earlier incarnations have left open.</summary>
    /// <param name="nowNs">Nanoseconds since boot.</param>
    public OpenObjects(MemVault vault, MemTree tree, ulong nowNs)
    {
        _vault = vault;
        _log = vault.Log;
        _tree = tree;
        _slots = new SlotMap(_log, VaultLayout.BadgeMapFirst, VaultLayout.MaxBadges);
        _lastBadge = Math.Max(RootBadge.Value + nowNs, vault.Head.BadgeLimit);
    }

    public int Count => _slots.Count;
    public bool IsFull => _slots.IsFull;

    /// <summary>A badge that nobody has had; it stands for nothing until Add.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    /// <summary>The caller has seen that it is not full.</summary>
    public void Add(Badge badge, Node node, OpenMode mode)
    {
        if (badge.Value >= _vault.Head.BadgeLimit)
        {
            _vault.Head.BadgeLimit = badge.Value + BadgeBlock;
        }
        int slot = _slots.Take();
        ulong at = VaultLayout.Badge(slot);
        ulong bucket = BucketOf(badge);
        _log.Set(at, badge.Value);
        _log.Set(at + KeyAt, node.Key.Value);
        Keep(slot, _log.LoadChecked(bucket) | (ulong)mode << ModeShift);
        _log.SetChecked(bucket, SlotLink.To(slot).Value);
        _tree.Retain(node);
    }

    /// <summary>
    /// Gives the capability another lock on its file, or none. Locked, and nothing has changed,
    /// when another capability has one that does not go with it.
    /// </summary>
    public Status SetLock(Badge badge, LockMode mode)
    {
        TryFind(badge, out OpenObject found);
        Node file = found.Node;
        Holders others = CountLock(file.Holders, found.Lock, -1);
        bool isRefused = mode switch
        {
            LockMode.Shared => others.Exclusive != 0,
            LockMode.Exclusive => others.Exclusive + others.Shared != 0,
            _ => false,
        };
        if (isRefused) return Status.Locked;
        file.Holders = CountLock(others, mode, 1);
        ulong word = _log.Load(VaultLayout.Badge(found.Slot) + WordAt);
        Keep(found.Slot, (word & (1UL << LockShift) - 1) | (ulong)mode << LockShift);
        return Status.Ok;
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        if (badge == RootBadge)
        {
            found = new OpenObject(_tree.Root, default, -1, LockMode.None);
            return true;
        }
        SlotLink link = new(_log.LoadChecked(BucketOf(badge)));
        while (!link.IsNone)
        {
            ulong at = PlaceOf(link);
            if (_log.Load(at) == badge.Value)
            {
                found = Read(link.Slot);
                return true;
            }
            link = new SlotLink((uint)_log.Load(at + WordAt));
        }
        found = default;
        return false;
    }

    /// <summary>Nobody has the badge any more. One that is not known is ignored.</summary>
    public void Remove(Badge badge)
    {
        if (badge == RootBadge || !TryFind(badge, out OpenObject removed)) return;
        LeaveBucket(badge, removed.Slot);
        _log.Set(VaultLayout.Badge(removed.Slot), 0);
        _slots.Release(removed.Slot);
        Node node = removed.Node;
        if (removed.Lock != LockMode.None)
        {
            node.Holders = CountLock(node.Holders, removed.Lock, -1);
        }
        _tree.Release(node);
    }

    /// <summary>One whose badge is not live was closed while nobody served.</summary>
    public List<Badge> NotIn(HashSet<ulong> live)
    {
        List<Badge> gone = [];
        foreach (int slot in _slots.Taken())
        {
            Badge badge = new(_log.Load(VaultLayout.Badge(slot)));
            if (!live.Contains(badge.Value)) gone.Add(badge);
        }
        return gone;
    }

    /// <summary>All that are open; each record is checked.</summary>
    public IEnumerable<(Badge Badge, OpenObject Object)> All()
    {
        foreach (int slot in _slots.Taken())
        {
            yield return (new Badge(_log.Load(VaultLayout.Badge(slot))), Read(slot));
        }
    }

    private OpenObject Read(int slot)
    {
        ulong at = VaultLayout.Badge(slot);
        if (!_checked.Contains(slot)) Check(slot, at);
        ulong word = _log.Load(at + WordAt);
        Node node = _vault.Nodes.Get(new NodeKey(_log.Load(at + KeyAt)));
        return new OpenObject(
            node, (OpenMode)(byte)(word >> ModeShift), slot, (LockMode)(byte)(word >> LockShift));
    }

    private void Check(int slot, ulong at)
    {
        if (_log.Load(at + CheckAt) != CheckOf(at))
            throw new VaultDamagedException($"the record of open capability {slot} is damaged");
        _checked.Add(slot);
    }

    private void LeaveBucket(Badge badge, int slot)
    {
        ulong bucket = BucketOf(badge);
        uint rest = (uint)_log.Load(VaultLayout.Badge(slot) + WordAt);
        SlotLink link = new(_log.LoadChecked(bucket));
        if (link.Slot == slot)
        {
            _log.SetChecked(bucket, rest);
            return;
        }
        while (true)
        {
            ulong word = _log.Load(PlaceOf(link) + WordAt);
            SlotLink next = new((uint)word);
            if (next.Slot == slot)
            {
                Keep(link.Slot, word >> ModeShift << ModeShift | rest);
                return;
            }
            link = next;
        }
    }

    /// <summary>The record has this word, and its check is made.</summary>
    private void Keep(int slot, ulong word)
    {
        ulong at = VaultLayout.Badge(slot);
        _log.Set(at + WordAt, word);
        _log.Set(at + CheckAt, CheckOf(at));
        _checked.Add(slot);
    }

    private ulong CheckOf(ulong at) =>
        Checksum.Of([at, _log.Load(at), _log.Load(at + KeyAt), _log.Load(at + WordAt)]);

    private static ulong PlaceOf(SlotLink link) => !link.IsNone && link.Slot < VaultLayout.MaxBadges
        ? VaultLayout.Badge(link.Slot)
        : throw new VaultDamagedException($"link to open capability {link.Slot}");

    private static ulong BucketOf(Badge badge) => VaultLayout.BadgeBucket(
        (int)(badge.Value * Multiplier >> 40) & (VaultLayout.BadgeBuckets - 1));

    private static Holders CountLock(Holders holders, LockMode mode, int change) => mode switch
    {
        LockMode.Shared => holders with { Shared = holders.Shared + change },
        LockMode.Exclusive => holders with { Exclusive = holders.Exclusive + change },
        _ => holders,
    };
}

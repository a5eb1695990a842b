// Which open capabilities lock their files, and how: in the vault, since a lock outlives the
// incarnation that gave it.
//
// A record is the badge, the lock with the link of the bucket's chain, and a check.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class LockTable(UndoLog log)
{
    private const ulong WordAt = 8;
    private const ulong CheckAt = 16;
    private const int ModeShift = 32;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    private readonly SlotMap _slots = new(log, VaultLayout.LockMapFirst, VaultLayout.MaxLocks);

    public bool IsFull => _slots.IsFull;

    public LockMode ModeOf(Badge badge) => TryFind(badge, out int slot) ? ModeAt(slot) : default;

    /// <summary>For one more badge, the caller has seen that the table is not full.</summary>
    public void Set(Badge badge, LockMode mode)
    {
        bool isThere = TryFind(badge, out int slot);
        if (mode == LockMode.None)
        {
            if (isThere) Remove(badge, slot);
            return;
        }
        ulong bucket = BucketOf(badge);
        ulong rest = log.LoadChecked(bucket);
        if (isThere)
        {
            rest = LinkAt(slot).Value;
        }
        else
        {
            slot = _slots.Take();
            log.Set(VaultLayout.Lock(slot), badge.Value);
            log.SetChecked(bucket, SlotLink.To(slot).Value);
        }
        Keep(slot, rest | (ulong)mode << ModeShift);
    }

    /// <summary>Each record is checked; not while any is set.</summary>
    public IEnumerable<(Badge Badge, LockMode Mode)> All()
    {
        foreach (int slot in _slots.Taken())
        {
            Check(slot);
            yield return (new Badge(log.Load(VaultLayout.Lock(slot))), ModeAt(slot));
        }
    }

    private bool TryFind(Badge badge, out int slot)
    {
        for (SlotLink link = new(log.LoadChecked(BucketOf(badge))); !link.IsNone;)
        {
            slot = SlotOf(link);
            Check(slot);
            if (log.Load(VaultLayout.Lock(slot)) == badge.Value) return true;
            link = LinkAt(slot);
        }
        slot = -1;
        return false;
    }

    private void Remove(Badge badge, int slot)
    {
        ulong bucket = BucketOf(badge);
        SlotLink rest = LinkAt(slot);
        SlotLink before = new(log.LoadChecked(bucket));
        if (before.Slot == slot)
        {
            log.SetChecked(bucket, rest.Value);
        }
        else
        {
            while (LinkAt(SlotOf(before)).Slot != slot) before = LinkAt(before.Slot);
            Keep(before.Slot, (ulong)ModeAt(before.Slot) << ModeShift | rest.Value);
        }
        log.Set(VaultLayout.Lock(slot), 0);
        _slots.Release(slot);
    }

    private LockMode ModeAt(int slot) =>
        (LockMode)(log.Load(VaultLayout.Lock(slot) + WordAt) >> ModeShift);

    private SlotLink LinkAt(int slot) => new((uint)log.Load(VaultLayout.Lock(slot) + WordAt));

    private void Keep(int slot, ulong word)
    {
        ulong at = VaultLayout.Lock(slot);
        log.Set(at + WordAt, word);
        log.Set(at + CheckAt, CheckOf(at));
    }

    private void Check(int slot)
    {
        ulong at = VaultLayout.Lock(slot);
        if (log.Load(at + CheckAt) != CheckOf(at))
            throw new VaultDamagedException($"the record of lock {slot} is damaged");
    }

    private ulong CheckOf(ulong at) => Checksum.Of([at, log.Load(at), log.Load(at + WordAt)]);

    private static int SlotOf(SlotLink link) => (uint)link.Slot < VaultLayout.MaxLocks
        ? link.Slot : throw new VaultDamagedException($"link to lock {link.Slot}");

    private static ulong BucketOf(Badge badge) => VaultLayout.LockBucket(
        (int)(badge.Value * Multiplier >> 40) & (VaultLayout.LockBuckets - 1));
}

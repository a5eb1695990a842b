// What marking has left, for the Reclaimer: records below one that was revoked, children of one
// that was closed, and those of a space whose process or vault is gone.
//
// Rules: most of them are files that somebody had open: an endpoint's capability without children
// or calls. Runs of those are taken in one loop, which mends the links of a list once, at its end.

using CosmosKernel.Ipc;
using CosmosKernel.Ipc.Badges;
using Shared.Abi;
using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Capabilities;

public sealed partial class CapabilityTable
{
    /// <summary>
    /// A plain record is a step of the Reclaimer. Any other is so many: its badge may have to leave
    /// its endpoint's treap.
    /// </summary>
    const int OtherSteps = 4;

    int firstReclaim, lastReclaim;

    public bool HasReclaimWork => firstReclaim != 0;
    public int ReclaimCount { get; private set; }

    void QueueReclaim(int index)
    {
        ref CapabilityRecord record = ref records[index];
        if (record.IsInReclaim) return;
        record.IsInReclaim = true;
        record.NextReclaim = 0;
        if (lastReclaim == 0) firstReclaim = index;
        else records[lastReclaim].NextReclaim = index;
        lastReclaim = index;
        ReclaimCount++;
    }

    /// <summary>
    /// Of the first record that has something left to reclaim, as much as the budget allows, and
    /// one thing at least.
    /// </summary>
    public void Reclaim(ref int budget)
    {
        int index = firstReclaim;
        if (index == 0) return;
        ref CapabilityRecord record = ref records[index];
        if (record.ReclaimCursor != 0)
        {
            int count = KillPlain(ref record, Math.Max(1, budget));
            budget -= count;
            if (count != 0) return;
            budget -= OtherSteps;
            Kill(record.ReclaimCursor);
            return;
        }

        budget -= OtherSteps;
        bool isOwnerless = record.Space < 0 && record.PinCount == 0;
        if (isOwnerless && record.FirstChild != 0)
        {
            MoveUp(record.FirstChild);
            return;
        }

        firstReclaim = record.NextReclaim;
        if (firstReclaim == 0) lastReclaim = 0;
        record.NextReclaim = 0;
        record.IsInReclaim = false;
        ReclaimCount--;
        if (isOwnerless) Free(index);
    }

    /// <summary>Closes what is in the space, which nobody uses any more; as Reclaim.</summary>
    public void CloseSome(CapabilitySpace space, ref int budget)
    {
        int count = ClosePlain(space, Math.Max(1, budget));
        budget -= count;
        if (count != 0) return;
        budget -= OtherSteps;
        Close(space.First);
    }

    /// <summary>Kill, of as many from the cursor on as are plain; how many were.</summary>
    int KillPlain(ref CapabilityRecord above, int most)
    {
        CapabilityRecord[] table = records;
        int child = above.ReclaimCursor, previous = table[child].PreviousSibling;
        if (FindRun(child) is not { } endpoint) return 0;
        BadgeTable badges = kernel.Badges;
        ulong now = clock;
        int count = 0;
        for (; child != 0 && count < most; count++)
        {
            ref CapabilityRecord record = ref table[child];
            // One that nobody owns goes at once: it is on no list that says so.
            if (!IsPlain(in record, endpoint) || record.Space < 0) break;
            child = record.NextSibling;
            record.Parent = record.PreviousSibling = record.NextSibling = 0;
            record.RevokedAt = now;
            record.State = CapabilityState.Tombstone;
            record.Type = ObjectType.None;
            int badge = record.BadgeEntry;
            record.BadgeEntry = 0;
            if (badge != 0) badges.Release(badge, endpoint);
        }

        if (count == 0) return 0;
        above.ReclaimCursor = child;
        if (previous == 0) above.FirstChild = child;
        else table[previous].NextSibling = child;
        if (child != 0) table[child].PreviousSibling = previous;
        kernel.Endpoints.Release(endpoint, count);
        return count;
    }

    /// <summary>Close, of as many from the first on as are plain; how many were.</summary>
    int ClosePlain(CapabilitySpace space, int most)
    {
        CapabilityRecord[] table = records;
        int index = space.First;
        if (FindRun(index) is not { } endpoint) return 0;
        BadgeTable badges = kernel.Badges;
        int count = 0;
        for (; index != 0 && count < most; count++)
        {
            ref CapabilityRecord record = ref table[index];
            if (!IsPlain(in record, endpoint)) break;
            int next = record.NextInSpace;
            record.NextInSpace = record.PreviousInSpace = 0;
            record.Space = -1;
            if (record.Late == LateClose.Due) record.Late = LateClose.Kept;
            record.Type = ObjectType.None;
            int badge = record.BadgeEntry;
            record.BadgeEntry = 0;
            if (badge != 0) badges.Release(badge, endpoint);
            Free(index);
            index = next;
        }

        if (count == 0) return 0;
        space.First = index;
        if (index != 0) table[index].PreviousInSpace = 0;
        space.Count -= count;
        kernel.Endpoints.Release(endpoint, count);
        return count;
    }

    /// <summary>
    /// The endpoint of which plain records may follow from here on; null: none do. Of one that is
    /// vanished no badge is owed, and each leaves the treap.
    /// </summary>
    Endpoint? FindRun(int index)
    {
        if (records[index].Type != ObjectType.Endpoint) return null;
        Endpoint endpoint = kernel.Endpoints[records[index].ObjectIndex];
        return endpoint.IsVanished ? null : endpoint;
    }

    /// <summary>It is for the endpoint, and nothing hangs on it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsPlain(ref readonly CapabilityRecord record, Endpoint endpoint) =>
        record.Type == ObjectType.Endpoint && record.ObjectIndex == endpoint.Index
        && record.State == CapabilityState.Live && record.FirstChild == 0 && record.PinCount == 0
        && !record.IsInReclaim;
}

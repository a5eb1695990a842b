// Rule 1: authority minted through X dies with X. Close hands children up; Revoke kills a subtree.
//
// Marking is one bounded step: Revoke writes the clock into one record, and every record below
// finds out when it is looked up. Reclaiming follows in slices (CapabilityReclaim.cs). A node
// leaves the tree only when its children are dead too or have been handed to its parent.

using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Capabilities;

public sealed partial class CapabilityTable
{
    /// <summary>Children that Close hands up at once; more of them go in slices.</summary>
    const int InlineChildren = 8;

    /// <summary>
    /// Alive unless an ancestor was revoked after the branch towards us was made.
    /// </summary>
    public bool IsAlive(int index)
    {
        if (records[index].State == CapabilityState.Tombstone) return false;
        int child = index;
        while (true)
        {
            int parent = records[child].Parent;
            if (parent == 0) break;
            ref CapabilityRecord above = ref records[parent];
            if (above.RevokedAt > records[child].CreatedAt) return false;
            if (above.CheckedAt == clock) break;
            child = parent;
        }

        records[index].CheckedAt = clock;
        return true;
    }

    /// <summary>
    /// Everything below is dead from now on, itself not. The caller ends the calls in flight
    /// through what has died (CallPath.EndRevoked).
    /// </summary>
    public void Revoke(int index)
    {
        ref CapabilityRecord record = ref records[index];
        record.RevokedAt = ++clock;
        if (record.FirstChild == 0) return;
        record.ReclaimCursor = record.FirstChild;
        QueueReclaim(index);
    }

    /// <summary>The capability itself dies, and with it everything below.</summary>
    public void RevokeItself(int index)
    {
        clock++;
        Kill(index);
    }

    /// <summary>Takes the record from its owner. Its children are handed to its parent.</summary>
    public void Close(int index)
    {
        RemoveFromSpace(index);
        if (records[index].State == CapabilityState.Live)
            records[index].State = CapabilityState.Interior;
        if (records[index].PinCount == 0) FinishClose(index);
    }

    /// <summary>A call in flight goes through it: it is not freed before Unpin.</summary>
    public void Pin(int index) => records[index].PinCount++;

    /// <summary>Unpin, where nothing comes of it. False: nothing was changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUnpin(int index)
    {
        ref CapabilityRecord record = ref records[index];
        if (record.State != CapabilityState.Live) return false;
        record.PinCount--;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unpin(int index)
    {
        ref CapabilityRecord record = ref records[index];
        if (--record.PinCount != 0) return;
        if (record.Space < 0) FinishClose(index);
        else if (record.State == CapabilityState.Tombstone) ReleaseObject(index);
    }

    void FinishClose(int index)
    {
        ReleaseObject(index);
        if (records[index].IsInReclaim) return;
        for (int count = 0; count < InlineChildren; count++)
        {
            if (records[index].FirstChild == 0) break;
            MoveUp(records[index].FirstChild);
        }

        if (records[index].FirstChild == 0) Free(index);
        else QueueReclaim(index);
    }

    /// <summary>A child of a closed record: to its parent, or dead.</summary>
    void MoveUp(int child)
    {
        ref CapabilityRecord record = ref records[records[child].Parent];
        int parent = record.Parent;
        bool isDead = record.RevokedAt > records[child].CreatedAt
            || parent != 0 && records[parent].RevokedAt > record.CreatedAt;
        if (isDead)
        {
            Kill(child);
            return;
        }

        UnlinkChild(child);
        LinkChild(child, parent);
    }

    /// <summary>
    /// A dead record becomes a tombstone without object, or goes if nobody owns it.
    /// </summary>
    void Kill(int index)
    {
        UnlinkChild(index);
        ref CapabilityRecord record = ref records[index];
        // Its children are older than the revocation that killed it; they stay below, dead.
        record.RevokedAt = clock;
        record.State = CapabilityState.Tombstone;
        record.ReclaimCursor = record.FirstChild;
        if (record.PinCount == 0) ReleaseObject(index);
        if (record.FirstChild != 0) QueueReclaim(index);
        else if (record.Space < 0 && record.PinCount == 0 && !record.IsInReclaim) Free(index);
    }

    /// <summary>Whether a child of this one would be within Limits.MintDepth.</summary>
    bool HasRoomBelow(int parent)
    {
        if (DepthOf(parent) < Limits.MintDepth) return true;
        PassClosed(parent);
        return DepthOf(parent) < Limits.MintDepth;
    }

    /// <summary>
    /// Closed records on the way up have still to hand their children to their parents; those that
    /// we come from go first.
    /// </summary>
    void PassClosed(int index)
    {
        int child = index;
        while (records[child].Parent is var parent and not 0)
        {
            ref CapabilityRecord above = ref records[parent];
            bool isClosed = above.Space < 0 && above.PinCount == 0;
            if (isClosed) MoveUp(child);
            else child = parent;
        }
    }

    /// <summary>1 for a root.</summary>
    public int DepthOf(int index)
    {
        int depth = 0;
        for (; index != 0; index = records[index].Parent) depth++;
        return depth;
    }

    void LinkChild(int child, int parent)
    {
        ref CapabilityRecord record = ref records[child];
        record.Parent = parent;
        record.PreviousSibling = 0;
        record.NextSibling = 0;
        if (parent == 0) return;
        ref CapabilityRecord above = ref records[parent];
        record.NextSibling = above.FirstChild;
        if (above.FirstChild != 0) records[above.FirstChild].PreviousSibling = child;
        above.FirstChild = child;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void UnlinkChild(int child)
    {
        ref CapabilityRecord record = ref records[child];
        if (record.Parent == 0) return;
        ref CapabilityRecord above = ref records[record.Parent];
        if (above.ReclaimCursor == child) above.ReclaimCursor = record.NextSibling;
        if (record.PreviousSibling == 0) above.FirstChild = record.NextSibling;
        else records[record.PreviousSibling].NextSibling = record.NextSibling;
        if (record.NextSibling != 0)
            records[record.NextSibling].PreviousSibling = record.PreviousSibling;
        record.Parent = record.PreviousSibling = record.NextSibling = 0;
    }

    void Free(int index)
    {
        UnlinkChild(index);
        ref CapabilityRecord record = ref records[index];
        record.State = CapabilityState.Free;
        record.ReclaimCursor = 0;
        // A record whose generations are used up is never used again.
        if (++record.Generation != 0) PushFree(index);
    }
}

// All capabilities of the machine: one array, made at boot. Lookup, making and closing.
//
// A handle is index and generation; a lookup checks both, that the asking process owns the record
// (or its vault does), and that no ancestor was revoked since. The tree is in CapabilityTree.cs.

using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Capabilities;

public sealed partial class CapabilityTable
{
    /// <summary>Space of the copies that messages under way hold; nobody's quota.</summary>
    public const int InTransitSpace = Limits.Processes + Limits.Vaults;

    readonly Kernel kernel;
    readonly CapabilityRecord[] records;
    readonly CapabilitySpace[] spaces = new CapabilitySpace[InTransitSpace + 1];
    // Free records are reused first in, first out, so that generations last longest.
    int firstFree, lastFree, freeCount;
    /// <summary>Counts revocations; CreatedAt, RevokedAt and CheckedAt are its values.</summary>
    ulong clock = 1;

    public CapabilityTable(Kernel kernel, KernelConfig config)
    {
        this.kernel = kernel;
        records = new CapabilityRecord[config.Capabilities];
        for (int number = 0; number < spaces.Length; number++)
            spaces[number] = new CapabilitySpace(number);
        // Record 0 is nobody's: handle 0 names nothing.
        records[0].Space = -1;
        for (int index = 1; index < records.Length; index++)
        {
            records[index].Generation = 1;
            records[index].Space = -1;
            PushFree(index);
        }
    }

    public int Capacity => records.Length;
    public int UsedCount => records.Length - 1 - freeCount;
    public ref readonly CapabilityRecord this[int index] => ref records[index];
    public CapabilitySpace SpaceOf(int number) => spaces[number];
    public CapabilitySpace VaultSpace(int vaultIndex) => spaces[Limits.Processes + vaultIndex];
    public Handle HandleOf(int index) => new((uint)index, records[index].Generation);

    public Badge BadgeOf(int index) => kernel.Badges.BadgeOf(records[index].BadgeEntry);

    /// <summary>Ok, BadHandle or Revoked. index names a record unless BadHandle.</summary>
    public Status Find(Process process, ulong handle, out int index)
    {
        index = 0;
        uint slot = (uint)handle;
        CapabilityRecord[] table = records;
        if (slot >= (uint)table.Length) return Status.BadHandle;
        ref CapabilityRecord record = ref table[slot];
        if (record.Generation != (uint)(handle >> 32)) return Status.BadHandle;
        if (record.Space != process.Space && record.Space != process.VaultSpace)
            return Status.BadHandle;
        index = (int)slot;
        if (record.State != CapabilityState.Live) return Status.Revoked;
        return record.CheckedAt == clock || IsAlive(index) ? Status.Ok : Status.Revoked;
    }

    /// <summary>Find, and the type and all of the rights must match.</summary>
    public Status Find(
        Process process, ulong handle, ObjectType type, Rights rights, out int index)
    {
        Status status = Find(process, handle, out index);
        if (status != Status.Ok) return status;
        ref CapabilityRecord record = ref records[index];
        if (record.Type != type) return Status.WrongType;
        return (record.Rights & rights) == rights ? Status.Ok : Status.NoRight;
    }

    /// <summary>Find for endpoints, in one piece because each call does it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Status FindEndpoint(Process process, ulong handle, Rights right, out int index)
    {
        index = (int)(uint)handle;
        CapabilityRecord[] table = records;
        if ((uint)index < (uint)table.Length
            && IsOpen(ref table[index], process, handle, right)) return Status.Ok;
        return Find(process, handle, ObjectType.Endpoint, right, out index);
    }

    /// <summary>All records, for those who check the index themselves (ShortPath).</summary>
    public CapabilityRecord[] Records => records;

    /// <summary>
    /// True when the record is what Find would find for an endpoint, and nothing is in the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOpen(
        ref readonly CapabilityRecord record, Process process, ulong handle, Rights right) =>
        record.Generation == (uint)(handle >> 32) && record.Space == process.Index
        && record.State == CapabilityState.Live && record.Type == ObjectType.Endpoint
        && (record.Rights & right) != 0 && record.CheckedAt == clock;

    /// <summary>As Find; answers the index of the object.</summary>
    public Status FindObject(
        Process process, ulong handle, ObjectType type, Rights rights, out int objectIndex)
    {
        Status status = Find(process, handle, type, rights, out int index);
        objectIndex = status == Status.Ok ? records[index].ObjectIndex : -1;
        return status;
    }

    /// <summary>
    /// A new root capability, charged to the process. For a Process or Thread pass its generation.
    /// QuotaExceeded when its handle quota or the table is used up.
    /// </summary>
    public Status Create(
        Process process, ObjectType type, int objectIndex, Rights rights, out Handle handle,
        uint objectGeneration = 0)
    {
        handle = Handle.None;
        if (process.HandleCount >= process.HandleQuota) return Status.QuotaExceeded;
        int index = Take();
        if (index == 0) return Status.QuotaExceeded;
        ref CapabilityRecord record = ref records[index];
        record.Type = type;
        record.ObjectIndex = objectIndex;
        record.ObjectGeneration = objectGeneration;
        record.Rights = rights;
        record.BadgeEntry = 0;
        AddReference(ref record);
        AddToSpace(index, process.Handles);
        handle = HandleOf(index);
        return Status.Ok;
    }

    /// <summary>
    /// A copy with some of its rights: same parent, same badge, in the space. 0: the table is full.
    /// The source must be alive; quotas are the caller's business.
    /// </summary>
    public int Copy(int source, Rights rights, CapabilitySpace target)
    {
        int index = Take();
        if (index == 0) return 0;
        CopyObject(source, index, rights);
        LinkChild(index, records[source].Parent);
        AddToSpace(index, target);
        return index;
    }

    /// <summary>What arrives in place of a capability that was revoked on its way.</summary>
    public int CreateTombstone(CapabilitySpace target)
    {
        int index = Take();
        if (index == 0) return 0;
        ref CapabilityRecord record = ref records[index];
        record.State = CapabilityState.Tombstone;
        record.Type = ObjectType.None;
        record.BadgeEntry = 0;
        AddToSpace(index, target);
        return index;
    }

    /// <summary>
    /// A capability for the same endpoint with another badge, below parent. Ok, QuotaExceeded.
    /// </summary>
    public Status Mint(
        Process minter, int source, int parent, Rights rights, Badge badge,
        CapabilitySpace target, out int index)
    {
        index = 0;
        if (!HasRoomBelow(parent)) return Status.QuotaExceeded;
        int entry = 0;
        if (badge.Value != 0)
        {
            entry = kernel.Badges.FindOrAdd(
                kernel.Endpoints[records[source].ObjectIndex], badge, minter);
            if (entry == 0) return Status.QuotaExceeded;
        }

        index = Take();
        if (index == 0)
        {
            if (entry != 0) kernel.Badges.RemoveUnused(entry);
            return Status.QuotaExceeded;
        }

        ref CapabilityRecord record = ref records[index];
        record.Type = ObjectType.Endpoint;
        record.ObjectIndex = records[source].ObjectIndex;
        record.ObjectGeneration = 0;
        record.Rights = rights;
        record.BadgeEntry = entry;
        AddReference(ref record);
        LinkChild(index, parent);
        AddToSpace(index, target);
        return Status.Ok;
    }

    /// <summary>
    /// To the other space of the same process; the handle's value does not change.
    /// </summary>
    public void Move(int index, CapabilitySpace target)
    {
        RemoveFromSpace(index);
        AddToSpace(index, target);
    }

    void CopyObject(int source, int target, Rights rights)
    {
        ref CapabilityRecord from = ref records[source];
        ref CapabilityRecord to = ref records[target];
        to.Type = from.Type;
        to.ObjectIndex = from.ObjectIndex;
        to.ObjectGeneration = from.ObjectGeneration;
        to.Rights = from.Rights & rights;
        to.BadgeEntry = from.BadgeEntry;
        AddReference(ref to);
    }

    void AddReference(ref CapabilityRecord record)
    {
        if (record.BadgeEntry != 0) kernel.Badges.Add(record.BadgeEntry);
        switch (record.Type)
        {
            case ObjectType.Endpoint: kernel.Endpoints[record.ObjectIndex].References++; break;
            case ObjectType.Notification:
                kernel.Notifications[record.ObjectIndex].References++;
                break;
            default: kernel.AddReference(record.Type, record.ObjectIndex); break;
        }
    }

    /// <summary>The record lets go of its object; the last one frees it.</summary>
    void ReleaseObject(int index)
    {
        ref CapabilityRecord record = ref records[index];
        ObjectType type = record.Type;
        int badge = record.BadgeEntry;
        record.Type = ObjectType.None;
        record.BadgeEntry = 0;
        switch (type)
        {
            case ObjectType.None: break;
            case ObjectType.Endpoint:
                Endpoint endpoint = kernel.Endpoints[record.ObjectIndex];
                if (badge != 0) kernel.Badges.Release(badge, endpoint);
                kernel.Endpoints.Release(endpoint);
                break;
            case ObjectType.Notification:
                kernel.Notifications.Release(kernel.Notifications[record.ObjectIndex]);
                break;
            default: kernel.ReleaseReference(type, record.ObjectIndex); break;
        }
    }

    /// <summary>A fresh record, or 0. Reclaims at once when the table has run out.</summary>
    int Take()
    {
        if (freeCount == 0) kernel.Reclaimer.RunUntilCapabilityIsFree();
        int index = firstFree;
        if (index == 0) return 0;
        ref CapabilityRecord record = ref records[index];
        firstFree = record.NextReclaim;
        if (firstFree == 0) lastFree = 0;
        freeCount--;
        record.NextReclaim = 0;
        record.State = CapabilityState.Live;
        record.Late = LateClose.None;
        record.CreatedAt = record.CheckedAt = clock;
        record.RevokedAt = 0;
        return index;
    }

    public int FreeCount => freeCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void PushFree(int index)
    {
        records[index].NextReclaim = 0;
        if (lastFree == 0) firstFree = index;
        else records[lastFree].NextReclaim = index;
        lastFree = index;
        freeCount++;
    }

    void AddToSpace(int index, CapabilitySpace space)
    {
        ref CapabilityRecord record = ref records[index];
        record.Space = space.Number;
        record.PreviousInSpace = 0;
        record.NextInSpace = space.First;
        if (space.First != 0) records[space.First].PreviousInSpace = index;
        space.First = index;
        space.Count++;
    }

    void RemoveFromSpace(int index)
    {
        ref CapabilityRecord record = ref records[index];
        CapabilitySpace space = spaces[record.Space];
        if (record.PreviousInSpace == 0) space.First = record.NextInSpace;
        else records[record.PreviousInSpace].NextInSpace = record.NextInSpace;
        if (record.NextInSpace != 0)
            records[record.NextInSpace].PreviousInSpace = record.PreviousInSpace;
        record.NextInSpace = record.PreviousInSpace = 0;
        record.Space = -1;
        // Whoever has it next has not closed it.
        if (record.Late == LateClose.Due) record.Late = LateClose.Kept;
        space.Count--;
    }
}

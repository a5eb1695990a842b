// One capability: who holds it, what it is for, and below which other it hangs.
//
// Records live in one table for the whole machine; a handle is a record's index and generation.
// Only CapabilityTable writes them. Index 0 is no record: a link of 0 means none.

using Shared.Abi;

namespace CosmosKernel.Capabilities;

public enum CapabilityState : byte
{
    Free = 0,
    /// <summary>In use; see also RevokedAt of its ancestors.</summary>
    Live = 1,
    /// <summary>Revoked; its owner has not closed it. Holds no object and is in no tree.</summary>
    Tombstone = 2,
    /// <summary>Closed; its children are on their way to its parent. Nobody owns it.</summary>
    Interior = 3,
}

/// <summary>Whether it is in the list of LateCloses.cs.</summary>
public enum LateClose : byte
{
    None = 0,
    /// <summary>To be closed.</summary>
    Due = 1,
    /// <summary>Still in the list, and nothing comes of it.</summary>
    Kept = 2,
}

public struct CapabilityRecord
{
    public uint Generation;
    public CapabilityState State;
    public ObjectType Type;
    public Rights Rights;
    public bool IsInReclaim;
    public LateClose Late;
    /// <summary>Space that owns it; -1 for Free and Interior.</summary>
    public int Space;
    public int ObjectIndex;
    /// <summary>Processes and threads only: their records are reused while handles exist.</summary>
    public uint ObjectGeneration;
    /// <summary>Entry of BadgeTable, 0 for badge 0.</summary>
    public int BadgeEntry;

    public int Parent, FirstChild, NextSibling, PreviousSibling;
    public int NextInSpace, PreviousInSpace;
    /// <summary>Calls in flight through it; it is not freed before they have ended.</summary>
    public int PinCount;

    /// <summary>Revocation clock at which it got its parent.</summary>
    public ulong CreatedAt;
    /// <summary>Clock of the last Revoke: children that are older are dead.</summary>
    public ulong RevokedAt;
    /// <summary>Clock at which its chain was last found alive.</summary>
    public ulong CheckedAt;
    /// <summary>Next child that a Revoke has still to reclaim.</summary>
    public int ReclaimCursor;
    /// <summary>Reclaimer's list; for a free record, the next free one.</summary>
    public int NextReclaim;
}

/// <summary>Whose capabilities: a process's, a vault's, or those in messages under way.</summary>
public sealed class CapabilitySpace(int number)
{
    public readonly int Number = number;
    public int First;
    public int Count;
}

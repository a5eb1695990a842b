// A file or directory that somebody holds a capability for. It lives until the last one is closed,
// whatever becomes of its name.
//
// Rules: there is one for each file, however often it is open. State changes through
// NodeTable.Change, so that an aborted transaction leaves no trace.

using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;
using Shared.Contracts;

namespace Servers.FatFs.Trees;

/// <summary>What of a node is in the vault.</summary>
internal readonly record struct NodeState
{
    public EntryPlace Place { get; init; }
    public FileType Type { get; init; }
    public uint FirstCluster { get; init; }
    public uint LengthBytes { get; init; }
    /// <summary>It has no name any more; its clusters go with the last holder.</summary>
    public bool IsDeleted { get; init; }
    /// <summary>
    /// Its chain may be longer than its length says, by a write that was not ended.
    /// </summary>
    public bool IsLoose { get; init; }
    /// <summary>Of a deleted node; else the entry has them.</summary>
    public ulong ModifiedNs { get; init; }
    public ulong CreatedNs { get; init; }
}

internal sealed class FatNode(ulong number, ClusterChain chain, NodeState state)
{
    /// <summary>Distinguishes the nodes of this mount.</summary>
    public ulong Number => number;
    public ClusterChain Chain => chain;
    public NodeState State { get; set; } = state;
    /// <summary>State before the transaction in progress, if that has changed it.</summary>
    public NodeState? Saved { get; set; }
    public int Holders { get; set; }
    public int SharedLocks { get; set; }
    public int ExclusiveLocks { get; set; }
    /// <summary>Where the last read ended: one that goes on there is sequential.</summary>
    public ulong NextReadOffset { get; set; }

    public bool IsDirectory => State.Type == FileType.Directory;
    public bool IsLinked => !State.IsDeleted;
}

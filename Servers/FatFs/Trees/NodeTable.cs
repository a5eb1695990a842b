// The nodes that somebody holds, by number and by the place of their entry.
//
// FAT has no file numbers. A file's number is its first cluster, which stays when it is renamed; of
// an empty file, the place of its entry. While somebody holds it, it keeps the number that it had;
// so a file that was empty may have another number after it was closed.
// Rules: a node's number is no other living node's, and no other file's, while it lives.

using System.Collections.Generic;
using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;
using Shared.Contracts;

namespace Servers.FatFs.Trees;

internal sealed class NodeTable
{
    public const ulong RootNumber = 1;
    private const ulong PlaceBit = 1UL << 56;
    /// <summary>Added to a number that a living node has already.</summary>
    private const ulong OtherStep = 1UL << 57;
    private const int SlotBits = 17;

    private readonly FatVolume _volume;
    private readonly Dictionary<ulong, FatNode> _byNumber = [];
    private readonly Dictionary<(uint Directory, int Slot), FatNode> _byPlace = [];
    private readonly List<FatNode> _changed = [];

    public NodeTable(FatVolume volume)
    {
        _volume = volume;
        Root = Add(RootNumber, new NodeState
        {
            Place = EntryPlace.None, Type = FileType.Directory,
            FirstCluster = volume.RootDirectory,
        });
    }

    /// <summary>Always there, whoever holds it.</summary>
    public FatNode Root { get; }
    public int Count => _byNumber.Count;
    public IEnumerable<FatNode> All => _byNumber.Values;

    /// <summary>Nodes that the transaction in progress has changed.</summary>
    public IReadOnlyList<FatNode> Changed => _changed;

    public FatNode? Find(ulong number) => _byNumber.GetValueOrDefault(number);

    public FatNode? At(EntryPlace place) =>
        place.IsNone ? Root : _byPlace.GetValueOrDefault((place.Directory, place.Slot));

    /// <summary>The number of a file that may or may not be held.</summary>
    public ulong NumberOf(FatEntry entry)
    {
        if (At(entry.Place) is { } node) return node.Number;
        ulong number = entry.FirstCluster != 0
            ? entry.FirstCluster
            : PlaceBit | (ulong)entry.Place.Directory << SlotBits | (uint)entry.Place.Slot;
        while (_byNumber.ContainsKey(number)) number += OtherStep;
        return number;
    }

    /// <summary>The node of an entry; without a holder until somebody retains it.</summary>
    public FatNode Open(FatEntry entry) => At(entry.Place) ?? Add(NumberOf(entry), new NodeState
    {
        Place = entry.Place, Type = entry.Type, FirstCluster = entry.FirstCluster,
        LengthBytes = entry.LengthBytes,
    });

    public FatNode Add(ulong number, NodeState state)
    {
        ClusterChain chain = new(_volume.Layout, _volume.Table, state.FirstCluster);
        FatNode node = new(number, chain, state);
        _byNumber.Add(number, node);
        if (!state.IsDeleted && !state.Place.IsNone) _byPlace.Add(KeyOf(state.Place), node);
        return node;
    }

    public void Remove(FatNode node)
    {
        if (node == Root) return;
        _byNumber.Remove(node.Number);
        if (node.IsLinked) _byPlace.Remove(KeyOf(node.State.Place));
        _changed.Remove(node);
    }

    /// <summary>The node has another state with the transaction in progress.</summary>
    public void Change(FatNode node, NodeState state)
    {
        if (node.Saved is null)
        {
            node.Saved = node.State;
            _changed.Add(node);
        }
        Put(node, state);
    }

    /// <summary>The transaction is committed.</summary>
    public void Settle()
    {
        foreach (FatNode node in _changed) node.Saved = null;
        _changed.Clear();
    }

    /// <summary>The transaction has never been.</summary>
    public void Abort()
    {
        // Places may have gone round among nodes: all leave theirs before any comes back.
        foreach (FatNode node in _changed)
        {
            if (node.IsLinked) _byPlace.Remove(KeyOf(node.State.Place));
        }
        foreach (FatNode node in _changed)
        {
            node.State = node.Saved!.Value;
            node.Saved = null;
            node.Chain.Reset(node.State.FirstCluster);
            if (node.IsLinked) _byPlace[KeyOf(node.State.Place)] = node;
        }
        _changed.Clear();
        List<FatNode> unheld = [];
        foreach (FatNode node in _byNumber.Values)
        {
            // A chain may have been walked where it is not any more.
            node.Chain.Reset(node.State.FirstCluster);
            if (node.Holders == 0) unheld.Add(node);
        }
        foreach (FatNode node in unheld) Remove(node);
    }

    private void Put(FatNode node, NodeState state)
    {
        NodeState old = node.State;
        bool wasHere = !old.IsDeleted && !old.Place.IsNone, isHere = !state.IsDeleted;
        if (wasHere && (state.Place != old.Place || !isHere)
            && _byPlace.GetValueOrDefault(KeyOf(old.Place)) == node)
        {
            _byPlace.Remove(KeyOf(old.Place));
        }
        if (isHere && !state.Place.IsNone) _byPlace[KeyOf(state.Place)] = node;
        if (state.FirstCluster != old.FirstCluster) node.Chain.Reset(state.FirstCluster);
        node.State = state;
    }

    private static (uint, int) KeyOf(EntryPlace place) => (place.Directory, place.Slot);
}

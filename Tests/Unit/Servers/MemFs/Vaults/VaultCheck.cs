// A look at the whole vault: every record is whole, and all of them agree.
//
// Rules: changes nothing. Costs what is in the vault, so no start does it (decision 0023).

using System.Collections.Generic;
using System.Linq;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs.Vaults;

internal sealed class VaultCheck(MemVault vault, MemTree tree)
{
    private readonly HashSet<ChunkId> _chunks = [];
    private readonly Dictionary<int, LockCounts> _locks = [];

    /// <exception cref="VaultDamagedException">Something was spoiled, lost or made up.</exception>
    public void Run()
    {
        CountLocks();
        int linked = 1 + CheckDirectory(tree.Root);
        int orphans = CheckOrphans();
        int nodes = 0;
        foreach (Node node in vault.Nodes.All())
        {
            nodes++;
            Require(tree.IsLinked(node) != node.IsOrphan, node, "name");
            Require(node.Locks == _locks.GetValueOrDefault(node.Slot), node, "locks");
            if (!node.IsDirectory) CheckBytes(node);
        }
        Require(nodes == tree.Nodes && linked + orphans == nodes, "number of nodes");
        Require(_chunks.Count == vault.Chunks.UsedChunks, "number of chunks");
    }

    private void CountLocks()
    {
        foreach ((Badge badge, LockMode mode) in tree.Objects.Locks)
        {
            Require(tree.Objects.TryFind(badge, out OpenObject locked), "badge of a lock");
            int slot = locked.Node.Slot;
            _locks[slot] = _locks.GetValueOrDefault(slot).Plus(mode, 1);
        }
    }

    private int CheckOrphans()
    {
        int count = 0;
        SlotLink last = default;
        for (SlotLink link = vault.Head.FirstOrphan; !link.IsNone;)
        {
            Require(++count <= vault.Nodes.Count, "number of deleted nodes");
            Node node = vault.Nodes.Open(link);
            Require(node.IsOrphan && node.Neighbours.Previous == last, node, "place");
            last = link;
            link = node.Neighbours.Next;
        }
        return count;
    }

    /// <summary>How many nodes lie below.</summary>
    private int CheckDirectory(Node directory)
    {
        int below = 0;
        int count = 0;
        SlotLink last = default;
        for (Node? next = tree.Next(directory, 0); next is { } node;
            next = tree.Next(directory, node.Cookie))
        {
            Require(++count <= vault.Nodes.Count, directory, "number of entries");
            Require(node.Parent == directory.Key, node, "parent");
            Require(node.Neighbours.Previous == last, node, "place");
            Require(PathRules.CheckName(node.Name) == Status.Ok, node, "name");
            bool isFound = tree.Find(directory, node.Name, out Node found) == Status.Ok
                && found == node;
            Require(isFound, node, "name");
            last = SlotLink.To(node.Slot);
            below += 1 + (node.IsDirectory ? CheckDirectory(node) : 0);
        }
        Require(directory.Last == last, directory, "entries");
        return below;
    }

    private void CheckBytes(Node file) => tree.Bytes.VisitChunks(file, id =>
        Require(vault.Chunks.IsTaken(id) && _chunks.Add(id), file, "chunks"));

    private static void Require(bool isGood, Node node, string what) =>
        Require(isGood, $"{what} of node {node.Number}");

    private static void Require(bool isGood, string what)
    {
        if (!isGood) throw new VaultDamagedException($"the vault does not agree: {what}");
    }
}

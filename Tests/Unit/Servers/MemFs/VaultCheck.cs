// A look at the whole vault: every record is whole, and all of them agree.
//
// Rules: changes nothing. Costs what is in the vault, so no start does it (decision 0023).

using System.Collections.Generic;
using System.Linq;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs;

internal sealed class VaultCheck(MemVault vault, MemTree tree, OpenObjects objects)
{
    private readonly HashSet<ChunkId> _chunks = [];
    private readonly Dictionary<int, Holders> _holders = [];

    /// <exception cref="VaultDamagedException">Something was spoiled, lost or made up.</exception>
    public void Run()
    {
        CountHolders();
        int linked = 1 + CheckDirectory(tree.Root);
        int nodes = 0;
        int deleted = 0;
        foreach (Node node in vault.Nodes.All())
        {
            nodes++;
            if (!tree.IsLinked(node)) deleted++;
            Require(node.Holders == _holders.GetValueOrDefault(node.Slot), node, "holders");
            if (!node.IsDirectory) CheckBytes(node);
        }
        Require(nodes == tree.Nodes && linked + deleted == nodes, "number of nodes");
        Require(_chunks.Count == vault.Chunks.UsedChunks, "number of chunks");
    }

    private void CountHolders()
    {
        int count = 0;
        foreach ((_, OpenObject opened) in objects.All())
        {
            count++;
            Holders old = _holders.GetValueOrDefault(opened.Node.Slot);
            _holders[opened.Node.Slot] = new Holders(
                old.Open + 1, old.Shared + (opened.Lock == LockMode.Shared ? 1 : 0),
                old.Exclusive + (opened.Lock == LockMode.Exclusive ? 1 : 0));
        }
        Require(count == objects.Count, "number of open capabilities");
        Require(objects.All().All(one => objects.TryFind(one.Badge, out OpenObject found)
            && found == one.Object), "index of open capabilities");
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
            Require(++count <= directory.Count, directory, "number of entries");
            Require(node.Parent == directory.Key && node.Previous == last, node, "place");
            Require(PathRules.CheckName(node.Name) == Status.Ok, node, "name");
            bool isFound = tree.Find(directory, node.Name, out Node found) == Status.Ok
                && found == node;
            Require(isFound, node, "name");
            last = SlotLink.To(node.Slot);
            below += 1 + (node.IsDirectory ? CheckDirectory(node) : 0);
        }
        Require(count == directory.Count && directory.Last == last, directory, "entries");
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

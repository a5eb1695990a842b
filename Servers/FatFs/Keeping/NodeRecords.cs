// Nodes as they lie in the vault.

using System;
using System.Linq;
using Servers.FatFs.Directories;
using Servers.FatFs.Trees;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Keeping;

internal static class NodeRecords
{
    public const int Bytes = 8 * sizeof(ulong);
    private const ulong DirectoryBit = 1, DeletedBit = 2, LooseBit = 4;

    public static void Put(RecordTable table, FatNode node)
    {
        NodeState state = node.State;
        RecordWriter writer = new(stackalloc byte[Bytes]);
        writer.Number(state.Place.Directory);
        writer.Number((ulong)state.Place.FirstSlot);
        writer.Number((ulong)state.Place.Slot);
        writer.Number((node.IsDirectory ? DirectoryBit : 0)
            | (state.IsDeleted ? DeletedBit : 0) | (state.IsLoose ? LooseBit : 0));
        writer.Number(state.FirstCluster);
        writer.Number(state.LengthBytes);
        writer.Number(state.ModifiedNs);
        writer.Number(state.CreatedNs);
        table.Put(node.Number, writer.Bytes);
    }

    /// <summary>Nodes that an earlier incarnation has left.</summary>
    public static void Restore(RecordTable table, NodeTable nodes)
    {
        foreach (ulong number in table.Keys.ToArray())
        {
            table.TryGet(number, out ReadOnlySpan<byte> bytes);
            RecordReader reader = new(bytes);
            EntryPlace place = new(
                (uint)reader.Number(), (int)reader.Number(), (int)reader.Number());
            ulong flags = reader.Number();
            bool isKnown = nodes.Find(number) is not null
                || (flags & DeletedBit) == 0 && nodes.At(place) is not null;
            if (isKnown) throw new VaultDamagedException($"two nodes {number}");
            nodes.Add(number, new NodeState
            {
                Place = place,
                Type = (flags & DirectoryBit) != 0 ? FileType.Directory : FileType.File,
                IsDeleted = (flags & DeletedBit) != 0,
                IsLoose = (flags & LooseBit) != 0,
                FirstCluster = (uint)reader.Number(),
                LengthBytes = (uint)reader.Number(),
                ModifiedNs = reader.Number(),
                CreatedNs = reader.Number(),
            });
        }
    }
}

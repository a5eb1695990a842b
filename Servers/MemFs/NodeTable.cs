// Files and directories as they lie in the vault: a record of fixed size for each.
//
// Rules: every change is words of the transaction in progress. Read only at the start; then the
// tree in memory is asked.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs;

internal readonly record struct NodeRecord(
    int Slot, ulong Number, FileType Type, ulong Parent, ulong Cookie, ulong LengthBytes,
    ulong ModifiedNs, string Name);

internal sealed class NodeTable
{
    // Word 0 is the number and the type, zero for a free record.
    private const int TypeBits = 8;
    private const ulong ParentAt = 8;
    private const ulong CookieAt = 16;
    private const ulong LengthAt = 24;
    private const ulong ModifiedAt = 32;
    /// <summary>A byte for the length, then UTF-8.</summary>
    private const ulong NameAt = 40;
    private const int NameBytes = Limits.MaxNameBytes + 1;
    /// <summary>From format 2 on.</summary>
    private const ulong CreatedAt = NameAt + NameBytes;

    private readonly MemVault _vault;
    private readonly byte[] _name = new byte[NameBytes];
    /// <summary>Changed by the transaction in progress.</summary>
    private readonly List<MemNode> _changed = [];

    public NodeTable(MemVault vault) => _vault = vault;

    /// <summary>A record for a new node; the caller knows that MaxNodes allows it.</summary>
    public int Take(ulong number, FileType type, ulong nowNs)
    {
        int slot = _vault.NodeSlots.Take();
        ulong at = VaultLayout.Node(slot);
        _vault.Log.Set(at, FirstWord(number, type));
        _vault.Log.Set(at + ParentAt, 0);
        _vault.Log.Set(at + LengthAt, 0);
        if (VaultFormat.KeepsCreation) _vault.Log.Set(at + CreatedAt, nowNs);
        return slot;
    }

    /// <summary>Nanoseconds since 1970; 0 in a format that does not keep it.</summary>
    public ulong CreatedNs(MemNode node) => VaultFormat.KeepsCreation
        ? _vault.Memory.Load(VaultLayout.Node(node.Slot) + CreatedAt) : 0;

    /// <summary>Brings one record of format 1 to format 2.</summary>
    public static void GiveCreation(IVaultMemory memory, int slot)
    {
        ulong at = VaultLayout.Node(slot);
        if (memory.Load(at) != 0) memory.Store(at + CreatedAt, memory.Load(at + ModifiedAt));
    }

    /// <summary>Usable again at once: what is taken later comes later in the transaction.</summary>
    public void Release(MemNode node)
    {
        _vault.Log.Set(VaultLayout.Node(node.Slot), 0);
        _vault.NodeSlots.Release(node.Slot);
        _vault.Sum.Toggle(node.Hash);
        node.Hash = 0;
        if (node.IsChanged) _changed.Remove(node);
    }

    public void SetLength(MemNode node, ulong lengthBytes)
    {
        _vault.Log.Set(VaultLayout.Node(node.Slot) + LengthAt, lengthBytes);
        NoteChange(node);
    }

    public void SetModified(MemNode node, ulong modifiedNs)
    {
        _vault.Log.Set(VaultLayout.Node(node.Slot) + ModifiedAt, modifiedNs);
        NoteChange(node);
    }

    /// <summary>The node has the parent, name and cookie that it says, or no parent.</summary>
    public void SetPlace(MemNode node)
    {
        NoteChange(node);
        ulong at = VaultLayout.Node(node.Slot);
        _vault.Log.Set(at + ParentAt, node.Parent?.Number ?? 0);
        if (node.Parent is null) return;
        _vault.Log.Set(at + CookieAt, node.Cookie);
        Span<byte> name = _name;
        name.Clear();
        int count = Encoding.UTF8.GetBytes(node.Name, name[1..]);
        name[0] = (byte)count;
        for (int i = 0; i <= count; i += sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(name[i..]);
            _vault.Log.Set(at + NameAt + (ulong)i, word);
        }
    }

    /// <summary>Brings the vault's sum up to date with what the transaction changes.</summary>
    public void Stage()
    {
        foreach (MemNode node in _changed)
        {
            node.IsChanged = false;
            _vault.Sum.Toggle(node.Hash);
            Count(node);
        }
        _changed.Clear();
    }

    /// <summary>The node is as its record says; its part in the vault's sum is known.</summary>
    public void Count(MemNode node)
    {
        MemFile? file = node as MemFile;
        node.Hash = VaultSum.Hash(
            RecordKind.Node,
            FirstWord(node.Number, file is null ? FileType.Directory : FileType.File),
            (ulong)node.Slot, node.Parent?.Number ?? 0, node.Cookie, file?.LengthBytes ?? 0,
            node.ModifiedNs, VaultSum.Hash(node.Name));
        _vault.Sum.Toggle(node.Hash);
    }

    private void NoteChange(MemNode node)
    {
        if (node.IsChanged) return;
        node.IsChanged = true;
        _changed.Add(node);
    }

    private static ulong FirstWord(ulong number, FileType type) =>
        number << TypeBits | (ulong)type;

    /// <summary>What an earlier incarnation has left; once, before anything is taken.</summary>
    public List<NodeRecord> Load()
    {
        List<NodeRecord> records = [];
        int used = _vault.NodeSlots.Used;
        for (int slot = 0; slot < used; slot++)
        {
            bool isFree = _vault.Memory.Load(VaultLayout.Node(slot)) == 0;
            if (isFree) _vault.NodeSlots.Release(slot);
            else records.Add(Read(slot));
        }
        return records;
    }

    private NodeRecord Read(int slot)
    {
        IVaultMemory memory = _vault.Memory;
        ulong at = VaultLayout.Node(slot);
        ulong first = memory.Load(at);
        FileType type = (FileType)(first & 0xFF);
        if (type is not (FileType.File or FileType.Directory))
        {
            throw new VaultDamagedException($"node {slot} is of type {type}");
        }
        memory.Read(at + NameAt, _name);
        return new NodeRecord(
            slot, first >> TypeBits, type, memory.Load(at + ParentAt), memory.Load(at + CookieAt),
            memory.Load(at + LengthAt), memory.Load(at + ModifiedAt),
            Encoding.UTF8.GetString(_name, 1, _name[0]));
    }
}

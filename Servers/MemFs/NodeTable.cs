// Files and directories as they lie in the vault: a record of fixed size for each.
//
// Rules: every change is words of the transaction in progress. Read only at the start; then the
// tree in memory is asked.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
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

    private readonly MemVault _vault;
    private readonly Stack<int> _released = new();
    private readonly byte[] _name = new byte[NameBytes];
    private int _slots;

    public NodeTable(MemVault vault)
    {
        _vault = vault;
        ulong slots = vault.Memory.Load(MemVault.NodeSlotsAt);
        if (slots > (ulong)vault.Layout.MaxNodes) throw new VaultDamagedException("node count");
        _slots = (int)slots;
    }

    /// <summary>A record for a new node; the caller knows that MaxNodes allows it.</summary>
    public int Take(ulong number, FileType type)
    {
        if (!_released.TryPop(out int slot))
        {
            if (_slots == _vault.Layout.MaxNodes) throw new InvalidOperationException("no record");
            slot = _slots++;
            _vault.Log.Set(MemVault.NodeSlotsAt, (ulong)_slots);
        }
        ulong at = VaultLayout.Node(slot);
        _vault.Log.Set(at, number << TypeBits | (ulong)type);
        _vault.Log.Set(at + ParentAt, 0);
        _vault.Log.Set(at + LengthAt, 0);
        return slot;
    }

    /// <summary>Usable again at once: what is taken later comes later in the transaction.</summary>
    public void Release(MemNode node)
    {
        _vault.Log.Set(VaultLayout.Node(node.Slot), 0);
        _released.Push(node.Slot);
    }

    public void SetLength(MemNode node, ulong lengthBytes) =>
        _vault.Log.Set(VaultLayout.Node(node.Slot) + LengthAt, lengthBytes);

    public void SetModified(MemNode node, ulong modifiedNs) =>
        _vault.Log.Set(VaultLayout.Node(node.Slot) + ModifiedAt, modifiedNs);

    /// <summary>The node has the parent, name and cookie that it says, or no parent.</summary>
    public void SetPlace(MemNode node)
    {
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

    /// <summary>What an earlier incarnation has left; once, before anything is taken.</summary>
    public List<NodeRecord> Load()
    {
        List<NodeRecord> records = [];
        for (int slot = 0; slot < _slots; slot++)
        {
            if (_vault.Memory.Load(VaultLayout.Node(slot)) == 0) _released.Push(slot);
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

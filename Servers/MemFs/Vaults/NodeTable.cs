// The records of all files and directories: where they lie, which are free, and whether they are
// whole.
//
// Rules: who comes to a record first in an incarnation checks it; from then on it is changed by
// this program alone. A record that a transaction has taken is nobody's until the commit, so its
// words, but for the key, are not logged; one that was released is not taken before the commit.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class NodeTable
{
    private readonly IVaultMemory _memory;
    private readonly UndoLog _log;
    private readonly ulong _first;
    private readonly uint _capacity;
    private readonly SlotMap _slots;
    /// <summary>Found to be whole by this incarnation, or made by it.</summary>
    private readonly BitMap _checked;
    /// <summary>Changed by the transaction in progress, and not released.</summary>
    private readonly List<int> _changed = [];
    private readonly List<int> _released = [];
    private int _lastChanged = -1;
    /// <summary>Taken by the transaction in progress, the last one.</summary>
    private int _fresh = -1;
    /// <summary>A record of a vault that has no place.</summary>
    private readonly ulong[] _scratch = new ulong[NodeRecord.Words];

    public NodeTable(IVaultMemory memory, UndoLog log, VaultLayout layout)
    {
        _memory = memory;
        _log = log;
        _first = layout.NodesFirst;
        _capacity = (uint)layout.MaxNodes;
        _slots = new SlotMap(log, VaultLayout.NodeMapFirst, layout.MaxNodes);
        _checked = new BitMap(layout.MaxNodes);
    }

    public int Count => _slots.Count - _released.Count;
    /// <summary>Nothing can be taken before the next commit.</summary>
    public bool IsFull => _slots.IsFull;

    /// <summary>A record for a new node; the caller has seen that there is one.</summary>
    public Node Take(ulong number, FileType type, ulong nowNs)
    {
        int slot = _slots.Take();
        Node node = new(this, slot);
        if (node.KeyAndType != 0) throw new VaultDamagedException($"node {slot} is not free");
        _checked.Add(slot);
        _fresh = slot;
        NodeKey key = new(number, slot);
        Set(slot, Node.KeyAt, key.Value | (ulong)type << Node.TypeShift);
        // With the key, the record is among the changed ones; the rest is nobody's yet.
        _log.ClearFree(PlaceOf(slot, Node.ParentAt), Node.NeighboursAt + 1 - Node.ParentAt);
        _log.SetFree(PlaceOf(slot, Node.ModifiedAt), nowNs);
        if (VaultFormat.KeepsCreation) _log.SetFree(PlaceOf(slot, Node.CreatedAt), nowNs);
        return node;
    }

    /// <summary>Free with the transaction, and usable again after it.</summary>
    public void Release(Node node)
    {
        _log.Set(PlaceOf(node.Slot, Node.KeyAt), 0);
        _released.Add(node.Slot);
        _checked.Remove(node.Slot);
        // What is free has no check.
        _changed.Remove(node.Slot);
        _lastChanged = -1;
    }

    /// <summary>The node with the key, or null when it is gone.</summary>
    public Node? Find(NodeKey key)
    {
        if (Peek(key.Slot) is not { } node || node.Key != key) return null;
        return Open(key.Slot);
    }

    /// <summary>The node of a record, if it was there when the serial was given out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOpen(int slot, ulong serial, out Node node)
    {
        node = new Node(this, slot);
        if ((uint)slot >= _capacity) return false;
        ulong keyAndType = node.KeyAndType;
        if (keyAndType == 0 || new NodeKey(Node.KeyOf(keyAndType)).Number > serial) return false;
        if (!_checked.Contains(slot)) Check(slot);
        return true;
    }

    /// <summary>Whatever is there, unchecked; null when there is no such record.</summary>
    public Node? Peek(int slot) => (uint)slot < _capacity ? new Node(this, slot) : null;

    /// <summary>The node that another record names: it must be there.</summary>
    public Node Get(NodeKey key) =>
        Find(key) ?? throw new VaultDamagedException($"node {key.Number} is missing");

    /// <summary>The node that another record names: it must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Node Open(SlotLink link)
    {
        int slot = link.Slot;
        if ((uint)slot >= _capacity) RefuseLink(slot);
        return Open(slot);
    }

    /// <summary>As Open, for who reads much of it and changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NodeRecord Read(SlotLink link)
    {
        Node node = Open(link);
        return new NodeRecord(node.Slot, Words(node.Slot));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Node Open(int slot)
    {
        if (!_checked.Contains(slot)) Check(slot);
        return new Node(this, slot);
    }

    /// <summary>All nodes, in no order; each is checked.</summary>
    public IEnumerable<Node> All()
    {
        foreach (int slot in _slots.Taken()) yield return Open(slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(int slot, int word) => _log.Load(PlaceOf(slot, word));

    public void Set(int slot, int word, ulong value)
    {
        if (slot != _lastChanged)
        {
            SetFirst(slot, word, value);
            return;
        }
        ulong place = PlaceOf(slot, word);
        if (slot == _fresh && word != Node.KeyAt) _log.SetFree(place, value);
        else _log.Set(place, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetFirst(int slot, int word, ulong value)
    {
        _lastChanged = slot;
        if (!_changed.Contains(slot)) _changed.Add(slot);
        Set(slot, word, value);
    }

    /// <summary>A word that the record's check does not cover.</summary>
    public void SetAlone(int slot, int word, ulong value)
    {
        ulong place = PlaceOf(slot, word);
        if (slot == _fresh) _log.SetFree(place, value);
        else _log.Set(place, value);
    }

    public string NameOf(int slot)
    {
        Span<ulong> words = stackalloc ulong[NameWords.MaxWords];
        words = words[..LoadName(slot, words)];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(words);
        return words.IsEmpty ? "" : Encoding.UTF8.GetString(bytes.Slice(1, bytes[0]));
    }

    /// <summary>Makes the checks of all records that the transaction changes.</summary>
    public void Stage()
    {
        foreach (int slot in CollectionsMarshal.AsSpan(_changed))
        {
            SetAlone(slot, Node.CheckAt, CheckOf(slot, VaultFormat.KeepsCreation));
        }
        _changed.Clear();
        _lastChanged = _fresh = -1;
        if (_released.Count == 0) return;
        foreach (int slot in CollectionsMarshal.AsSpan(_released)) _slots.Release(slot);
        _released.Clear();
    }

    private void Check(int slot)
    {
        Node node = new(this, slot);
        bool isWhole = node.KeyAndType != 0 && node.Key.Slot == slot
            && node.Type is FileType.File or FileType.Directory
            && (IsChecked(slot, VaultFormat.KeepsCreation) || TryGiveCreation(node));
        if (!isWhole) Refuse(slot);
        Span<ulong> words = stackalloc ulong[NameWords.MaxWords];
        words = words[..LoadName(slot, words)];
        if (node.NameHash != (words.IsEmpty ? 0 : NameWords.HashOf(words))) Refuse(slot);
        _checked.Add(slot);
    }

    /// <summary>
    /// A record of the older format: the time of making is that of the last change, for want of a
    /// better one. In two stores, between which it is a record of the older format still.
    /// </summary>
    private bool TryGiveCreation(Node node)
    {
        if (!VaultFormat.KeepsCreation || !IsChecked(node.Slot, keepsCreation: false)) return false;
        _memory.Store(PlaceOf(node.Slot, Node.CreatedAt), node.ModifiedNs);
        _memory.Store(
            PlaceOf(node.Slot, Node.CheckAt), CheckOf(node.Slot, keepsCreation: true));
        return true;
    }

    private bool IsChecked(int slot, bool keepsCreation) =>
        Load(slot, Node.CheckAt) == CheckOf(slot, keepsCreation);

    /// <summary>How many words the name has; none where there was never one.</summary>
    private int LoadName(int slot, Span<ulong> words)
    {
        if (new Node(this, slot).NameHash == 0) return 0;
        words[0] = Load(slot, Node.FirstNameAt);
        int count = NameWords.CountOf((byte)words[0]);
        for (int i = 1; i < count; i++) words[i] = Load(slot, Node.FirstNameAt + i);
        return count;
    }

    /// <summary>Of the words before it; the name's hash is one of them.</summary>
    private ulong CheckOf(int slot, bool keepsCreation)
    {
        ReadOnlySpan<ulong> words = Words(slot);
        uint sum = Checksum.Of(words[..Node.CheckAt]);
        return keepsCreation ? Checksum.Of([sum, words[Node.CreatedAt]]) : sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<ulong> Words(int slot) => _log.Read(PlaceOf(slot, 0), _scratch);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong PlaceOf(int slot, int word) =>
        _first + (ulong)slot * VaultLayout.NodeBytes + sizeof(ulong) * (ulong)word;

    private static void Refuse(int slot) =>
        throw new VaultDamagedException($"the record of node {slot} is damaged");

    private static void RefuseLink(int slot) =>
        throw new VaultDamagedException($"link to node {slot}");
}

// Files and directories as they lie in the vault: a record of fixed size for each (Node).
//
// Rules: a record is checked when this incarnation comes to it for the first time; so a start costs
// nothing for those that nobody asks for. Every change is words of the transaction in progress,
// and the check of a record is made when that is staged.

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
    private readonly VaultLayout _layout;
    private readonly SlotMap _slots;
    /// <summary>Found to be whole by this incarnation, or made by it.</summary>
    private readonly BitMap _checked;
    /// <summary>Changed by the transaction in progress.</summary>
    private readonly List<int> _changed = [];
    private readonly BitMap _isChanged;
    /// <summary>A record of a vault that has no place.</summary>
    private readonly ulong[] _scratch = new ulong[NodeRecord.Words];
    private int _lastChanged = -1;

    public NodeTable(IVaultMemory memory, UndoLog log, VaultLayout layout)
    {
        _memory = memory;
        _log = log;
        _layout = layout;
        _slots = new SlotMap(log, VaultLayout.NodeMapFirst, layout.MaxNodes);
        _checked = new BitMap(layout.MaxNodes);
        _isChanged = new BitMap(layout.MaxNodes);
    }

    public int Count => _slots.Count;
    public bool IsFull => _slots.IsFull;

    /// <summary>A record for a new node; the caller has seen that there is one.</summary>
    public Node Take(ulong number, FileType type, ulong nowNs)
    {
        int slot = _slots.Take();
        Node node = new(this, slot);
        if (node.KeyAndType != 0) throw new VaultDamagedException($"node {slot} is not free");
        _checked.Add(slot);
        node.Begin(new NodeKey(number, slot), type);
        if (VaultFormat.KeepsCreation) Set(slot, Node.CreatedAt, nowNs);
        return node;
    }

    /// <summary>Usable again at once: what is taken later comes later in the transaction.</summary>
    public void Release(Node node)
    {
        node.End();
        _slots.Release(node.Slot);
        _checked.Remove(node.Slot);
        // What is free has no check.
        if (_isChanged.Remove(node.Slot)) _changed.Remove(node.Slot);
        _lastChanged = -1;
    }

    /// <summary>The node with the key, or null when it is gone.</summary>
    public Node? Find(NodeKey key)
    {
        if (Peek(key.Slot) is not { } node || node.Key != key) return null;
        return Open(key.Slot);
    }

    /// <summary>Whatever is there, unchecked; null when there is no such record.</summary>
    public Node? Peek(int slot) => slot < _layout.MaxNodes ? new Node(this, slot) : null;

    /// <summary>The node that another record names: it must be there.</summary>
    public Node Get(NodeKey key) =>
        Find(key) ?? throw new VaultDamagedException($"node {key.Number} is missing");

    /// <summary>The node that another record names: it must be there.</summary>
    public Node Open(SlotLink link)
    {
        bool isPossible = !link.IsNone && link.Slot < _layout.MaxNodes;
        return isPossible
            ? Open(link.Slot) : throw new VaultDamagedException($"link to node {link.Slot}");
    }

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
    public ulong Load(int slot, int word) =>
        _log.Load(_layout.Node(slot) + sizeof(ulong) * (ulong)word);

    public void Set(int slot, int word, ulong value)
    {
        _log.Set(_layout.Node(slot) + sizeof(ulong) * (ulong)word, value);
        if (slot == _lastChanged) return;
        _lastChanged = slot;
        if (_isChanged.Add(slot)) _changed.Add(slot);
    }

    public string NameOf(int slot)
    {
        Span<ulong> words = stackalloc ulong[NameWords.MaxWords];
        words = words[..LoadName(slot, words)];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(words);
        return words.IsEmpty ? "" : Encoding.UTF8.GetString(bytes.Slice(1, bytes[0]));
    }

    /// <summary>The words of a record: where they lie, or in the caller's scratch.</summary>
    public ReadOnlySpan<ulong> Read(int slot, Span<ulong> scratch) =>
        _log.Read(_layout.Node(slot), scratch);

    /// <summary>Makes the checks of all records that the transaction changes.</summary>
    public void Stage()
    {
        foreach (int slot in _changed)
        {
            _log.Set(CheckPlace(slot), CheckOf(slot, VaultFormat.KeepsCreation));
            _isChanged.Remove(slot);
        }
        _changed.Clear();
        _lastChanged = -1;
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
        ulong place = _layout.Node(node.Slot) + sizeof(ulong) * (ulong)Node.CreatedAt;
        _memory.Store(place, node.ModifiedNs);
        _memory.Store(CheckPlace(node.Slot), CheckOf(node.Slot, keepsCreation: true));
        return true;
    }

    private bool IsChecked(int slot, bool keepsCreation) =>
        _log.Load(CheckPlace(slot)) == CheckOf(slot, keepsCreation);

    /// <summary>How many words the name has; none where there was never one.</summary>
    private int LoadName(int slot, Span<ulong> words)
    {
        if (new Node(this, slot).NameHash == 0) return 0;
        words[0] = Load(slot, Node.FirstNameAt);
        int count = NameWords.CountOf((byte)words[0]);
        for (int i = 1; i < count; i++) words[i] = Load(slot, Node.FirstNameAt + i);
        return count;
    }

    /// <summary>Of all words but the name's, whose hash is one of them.</summary>
    private ulong CheckOf(int slot, bool keepsCreation)
    {
        ReadOnlySpan<ulong> words = Read(slot, _scratch);
        uint sum = Checksum.Of(words[..Node.CheckAt]);
        return keepsCreation ? Checksum.Of([sum, words[Node.CreatedAt]]) : sum;
    }

    private ulong CheckPlace(int slot) =>
        _layout.Node(slot) + sizeof(ulong) * (ulong)Node.CheckAt;

    private static void Refuse(int slot) =>
        throw new VaultDamagedException($"the record of node {slot} is damaged");
}

// A file or a directory: a view of its record in the vault.
//
// Words 0 to 11 of a record are below, the last of them a check of the others; then the name, a
// byte for its length and UTF-8, filled with zeros; then, in the newer format, the time of making.
// Rules: changes are words of the transaction in progress.

using System;
using Shared.Contracts;

namespace Servers.MemFs.Vaults;

internal readonly record struct Node(NodeTable Table, int Slot)
{
    public const int KeyAt = 0;
    private const int ParentAt = 1;
    public const int CookieAt = 2;
    public const int LengthAt = 3;
    public const int ModifiedAt = 4;
    private const int ChunksAt = 5;
    private const int NameAt = 6;
    private const int EntriesAt = 7;
    public const int NeighboursAt = 8;
    private const int CountAt = 9;
    private const int HoldersAt = 10;
    public const int CheckAt = 11;
    public const int FirstNameAt = 12;
    public const int CreatedAt = FirstNameAt + NameWords.MaxWords;
    private const int TypeShift = 62;
    private const int HalfBits = 32;
    private const int CountBits = 20;

    /// <summary>Zero in a free record.</summary>
    public ulong KeyAndType => Table.Load(Slot, KeyAt);
    public NodeKey Key => new(KeyOf(KeyAndType));
    public ulong Number => Key.Number;
    public FileType Type => TypeOf(KeyAndType);
    public bool IsDirectory => Type == FileType.Directory;

    /// <summary>None for the root, and for what was deleted.</summary>
    public NodeKey Parent
    {
        get => new(Table.Load(Slot, ParentAt));
        set => Table.Set(Slot, ParentAt, value.Value);
    }

    /// <summary>Position in the parent's listing; grows with each entry that is added.</summary>
    public ulong Cookie
    {
        get => Table.Load(Slot, CookieAt);
        set => Table.Set(Slot, CookieAt, value);
    }

    public ulong LengthBytes
    {
        get => Table.Load(Slot, LengthAt);
        set => Table.Set(Slot, LengthAt, value);
    }

    /// <summary>Nanoseconds since 1970.</summary>
    public ulong ModifiedNs
    {
        get => Table.Load(Slot, ModifiedAt);
        set => Table.Set(Slot, ModifiedAt, value);
    }

    /// <summary>Nanoseconds since 1970; 0 in a format that does not keep it.</summary>
    public ulong CreatedNs => VaultFormat.KeepsCreation ? Table.Load(Slot, CreatedAt) : 0;

    /// <summary>The root of the file's tree of chunks.</summary>
    public ChunkId Root => new((int)Low(ChunksAt));
    /// <summary>How many levels of index there are; at 0 the root is the first chunk.</summary>
    public int Height => (int)High(ChunksAt);

    public void SetChunks(ChunkId root, int height) =>
        Set(ChunksAt, (uint)root.Value, (uint)height);

    /// <summary>The next node whose name is in the same bucket; none ends the chain.</summary>
    public SlotLink NextInBucket
    {
        get => new(Low(NameAt));
        set => Set(NameAt, value.Value, NameHash);
    }

    public uint NameHash => High(NameAt);

    /// <summary>First and last entry of a directory, in the order of adding.</summary>
    public SlotLink First => new(Low(EntriesAt));
    public SlotLink Last => new(High(EntriesAt));

    public void SetEntries(SlotLink first, SlotLink last) =>
        Set(EntriesAt, first.Value, last.Value);

    /// <summary>The entries before and after this one in its directory.</summary>
    public SlotLink Previous
    {
        get => new(Low(NeighboursAt));
        set => Set(NeighboursAt, value.Value, High(NeighboursAt));
    }

    public SlotLink Next
    {
        get => new(High(NeighboursAt));
        set => Set(NeighboursAt, Low(NeighboursAt), value.Value);
    }

    /// <summary>Entries of a directory.</summary>
    public int Count
    {
        get => (int)Table.Load(Slot, CountAt);
        set => Table.Set(Slot, CountAt, (uint)value);
    }

    /// <summary>How many live capabilities name this node, and how many of those lock it.</summary>
    public Holders Holders
    {
        get
        {
            ulong word = Table.Load(Slot, HoldersAt);
            const ulong mask = (1UL << CountBits) - 1;
            return new Holders(
                (int)(word & mask), (int)(word >> CountBits & mask), (int)(word >> 2 * CountBits));
        }
        set => Table.Set(
            Slot, HoldersAt,
            (uint)value.Open | (ulong)value.Shared << CountBits
                | (ulong)value.Exclusive << 2 * CountBits);
    }

    /// <summary>The record is in use.</summary>
    public void Begin(NodeKey key, FileType type)
    {
        Table.Set(Slot, KeyAt, key.Value | (ulong)type << TypeShift);
        for (int word = ParentAt; word < CheckAt; word++) Table.Set(Slot, word, 0);
    }

    /// <summary>The record is free.</summary>
    public void End() => Table.Set(Slot, KeyAt, 0);

    public void SetName(NameWords name)
    {
        Set(NameAt, Low(NameAt), name.Hash);
        for (int i = 0; i < name.Words.Length; i++)
        {
            Table.Set(Slot, FirstNameAt + i, name.Words[i]);
        }
    }

    public bool HasName(NameWords name)
    {
        if (NameHash != name.Hash) return false;
        for (int i = 0; i < name.Words.Length; i++)
        {
            if (Table.Load(Slot, FirstNameAt + i) != name.Words[i]) return false;
        }
        return true;
    }

    public string Name => Table.NameOf(Slot);

    /// <summary>All words, in place or in the caller's NodeRecord.Words.</summary>
    public NodeRecord Read(Span<ulong> scratch) => new(Table.Read(Slot, scratch));

    public static ulong KeyOf(ulong keyAndType) => keyAndType & (1UL << TypeShift) - 1;

    public static FileType TypeOf(ulong keyAndType) => (FileType)(keyAndType >> TypeShift);

    private uint Low(int word) => (uint)Table.Load(Slot, word);

    private uint High(int word) => (uint)(Table.Load(Slot, word) >> HalfBits);

    private void Set(int word, uint low, uint high) =>
        Table.Set(Slot, word, (ulong)high << HalfBits | low);
}

/// <param name="Open">Live capabilities, those with locks among them.</param>
internal readonly record struct Holders(int Open, int Shared, int Exclusive);

/// <summary>A record's slot plus one; zero for none.</summary>
internal readonly record struct SlotLink(uint Value)
{
    public static SlotLink To(int slot) => new((uint)slot + 1);

    public bool IsNone => Value == 0;
    public int Slot => (int)Value - 1;
}

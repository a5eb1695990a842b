// A file or a directory: a view of its record in the vault.
//
// Words 0 to 9 of a record are below, the last of them a check of the others; then its neighbours,
// with a check of their own; then the name, a byte for its length and UTF-8, filled with zeros;
// then, in the newer format, the time of making.
// Rules: changes are words of the transaction in progress.

using System;
using System.Runtime.CompilerServices;
using Shared.Contracts;

namespace Servers.MemFs.Vaults;

internal readonly record struct Node(NodeTable Table, int Slot)
{
    public const int KeyAt = 0;
    public const int ParentAt = 1;
    public const int CookieAt = 2;
    public const int LengthAt = 3;
    public const int ModifiedAt = 4;
    private const int ChunksAt = 5;
    private const int NameAt = 6;
    private const int EntriesAt = 7;
    private const int LocksAt = 8;
    public const int CheckAt = 9;
    public const int NeighboursAt = 10;
    public const int FirstNameAt = 11;
    public const int CreatedAt = FirstNameAt + NameWords.MaxWords;
    public const int TypeShift = 62;
    private const int HalfBits = 32;
    /// <summary>The cookie of what has no name and is held; entries have greater ones.</summary>
    private const ulong OrphanCookie = 1;

    /// <summary>Zero in a free record.</summary>
    public ulong KeyAndType
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Table.Load(Slot, KeyAt);
    }

    public NodeKey Key
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(KeyOf(KeyAndType));
    }

    public ulong Number => Key.Number;
    public FileType Type => TypeOf(KeyAndType);
    public bool IsDirectory => Type == FileType.Directory;

    /// <summary>None for the root, and for what was deleted.</summary>
    public NodeKey Parent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Table.Load(Slot, ParentAt));
        set => Table.Set(Slot, ParentAt, value.Value);
    }

    /// <summary>Position in the parent's listing; grows with each entry that is added.</summary>
    public ulong Cookie
    {
        get => Table.Load(Slot, CookieAt);
        set => Table.Set(Slot, CookieAt, value);
    }

    /// <summary>Deleted, and open when it was.</summary>
    public bool IsOrphan
    {
        get => Cookie == OrphanCookie;
        set => Cookie = value ? OrphanCookie : 0;
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
        set
        {
            // The clock has steps: most often it is the same, and the record need not be checked.
            if (value != ModifiedNs) Table.Set(Slot, ModifiedAt, value);
        }
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
    public Neighbours Neighbours
    {
        get => Neighbours.Decode(Slot, Table.Load(Slot, NeighboursAt));
        set => Table.SetAlone(Slot, NeighboursAt, value.Encode(Slot));
    }

    /// <summary>How many of the live capabilities for this node lock it.</summary>
    public LockCounts Locks
    {
        get => new((int)Low(LocksAt), (int)High(LocksAt));
        set => Set(LocksAt, (uint)value.Shared, (uint)value.Exclusive);
    }

    /// <summary>A name that this one is the first or only node of in its bucket.</summary>
    public void SetName(NameWords name, SlotLink next)
    {
        Set(NameAt, next.Value, name.Hash);
        for (int i = 0; i < name.Words.Length; i++)
        {
            Table.Set(Slot, FirstNameAt + i, name.Words[i]);
        }
    }

    public bool HasName(NameWords name)
    {
        if (NameHash != name.Hash) return false;
        ReadOnlySpan<ulong> words = name.Words;
        for (int i = 0; i < words.Length; i++)
        {
            if (Table.Load(Slot, FirstNameAt + i) != words[i]) return false;
        }
        return true;
    }

    public string Name => Table.NameOf(Slot);

    public static ulong KeyOf(ulong keyAndType) => keyAndType & (1UL << TypeShift) - 1;

    public static FileType TypeOf(ulong keyAndType) => (FileType)(keyAndType >> TypeShift);

    private uint Low(int word) => (uint)Table.Load(Slot, word);

    private uint High(int word) => (uint)(Table.Load(Slot, word) >> HalfBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(int word, uint low, uint high) =>
        Table.Set(Slot, word, (ulong)high << HalfBits | low);
}

/// <summary>Live capabilities with locks, by kind.</summary>
internal readonly record struct LockCounts(int Shared, int Exclusive)
{
    public bool IsNone => (Shared | Exclusive) == 0;

    public LockCounts Plus(LockMode mode, int change) => mode switch
    {
        LockMode.Shared => this with { Shared = Shared + change },
        LockMode.Exclusive => this with { Exclusive = Exclusive + change },
        _ => this,
    };
}

/// <summary>A record's slot plus one; zero for none.</summary>
internal readonly record struct SlotLink(uint Value)
{
    public static SlotLink To(int slot) => new((uint)slot + 1);

    public bool IsNone => Value == 0;
    public int Slot => (int)Value - 1;
}

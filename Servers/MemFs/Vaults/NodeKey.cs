// What names a node for ever: its number, and where its record is.

namespace Servers.MemFs.Vaults;

/// <summary>The number above, the record below; zero for none.</summary>
internal readonly record struct NodeKey(ulong Value)
{
    /// <summary>Enough for the records of the largest mount.</summary>
    public const int SlotBits = 20;

    public static readonly NodeKey Root = new(number: 1, slot: 0);

    public NodeKey(ulong number, int slot)
        : this(number << SlotBits | (uint)slot)
    {
    }

    public bool IsNone => Value == 0;
    /// <summary>Never used twice in one tree.</summary>
    public ulong Number => Value >> SlotBits;
    public int Slot => (int)(Value & (1UL << SlotBits) - 1);
}

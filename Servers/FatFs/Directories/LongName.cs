// A long name in its slots: 13 UTF-16 units each, the last part first, all before the short entry
// that they belong to (FAT p. 27 to 29).
//
// Rules: parts are taken in the order in which they lie; one that does not fit to those before it
// ends them. A name is one only when all parts are there and the checksum is the short name's.

using System;
using System.Buffers.Binary;
using Shared.Fat;

namespace Servers.FatFs.Directories;

internal sealed class LongName
{
    public const int UnitsPerSlot = 13;
    private const byte LastFlag = 0x40;
    private const int MaxSlots = (NameRules.MaxUnits + UnitsPerSlot - 1) / UnitsPerSlot;

    private readonly char[] _units = new char[MaxSlots * UnitsPerSlot];
    private int _slots;
    /// <summary>Number of the part that must come next; 0 when all were there.</summary>
    private int _missing;
    private byte _checksum;

    /// <summary>Slot of the first part.</summary>
    public int FirstSlot { get; private set; }

    public static int SlotsFor(int units) => (units + UnitsPerSlot - 1) / UnitsPerSlot;

    public void Clear() => _slots = 0;

    public void Take(ReadOnlySpan<byte> part, int slot)
    {
        int number = part[0] & ~LastFlag;
        if ((part[0] & LastFlag) != 0)
        {
            _slots = number is >= 1 and <= MaxSlots ? number : 0;
            _missing = _slots;
            _checksum = part[13];
            FirstSlot = slot;
        }
        if (_slots == 0) return;
        if (number != _missing || number == 0 || part[13] != _checksum)
        {
            _slots = 0;
            return;
        }
        Span<char> units = _units.AsSpan((number - 1) * UnitsPerSlot, UnitsPerSlot);
        for (int i = 0; i < UnitsPerSlot; i++)
        {
            units[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(part[UnitAt(i)..]);
        }
        _missing--;
    }

    /// <summary>Whether all parts of a name for this short one have come.</summary>
    public bool IsFor(ReadOnlySpan<byte> shortEntry) =>
        _slots != 0 && _missing == 0 && _checksum == RawEntry.Checksum(shortEntry);

    /// <summary>Up to the first NUL.</summary>
    public ReadOnlySpan<char> Name
    {
        get
        {
            ReadOnlySpan<char> all = _units.AsSpan(0, _slots * UnitsPerSlot);
            int end = all.IndexOf('\0');
            return end < 0 ? all : all[..end];
        }
    }

    /// <summary>Writes one part; the slot is its 32 bytes.</summary>
    /// <param name="number">From 1.</param>
    public static void Write(Span<byte> slot, ReadOnlySpan<char> name, int number, byte checksum)
    {
        slot.Clear();
        bool isLast = number == SlotsFor(name.Length);
        slot[0] = (byte)(number | (isLast ? LastFlag : 0));
        slot[11] = (byte)FatAttributes.LongName;
        slot[13] = checksum;
        for (int i = 0; i < UnitsPerSlot; i++)
        {
            int index = (number - 1) * UnitsPerSlot + i;
            // One NUL after the name, if there is room, then units that no name has.
            char unit = index < name.Length ? name[index] : index == name.Length ? '\0' : '\uFFFF';
            BinaryPrimitives.WriteUInt16LittleEndian(slot[UnitAt(i)..], unit);
        }
    }

    private static int UnitAt(int unit) => unit switch
    {
        < 5 => 1 + 2 * unit,
        < 11 => 14 + 2 * (unit - 5),
        _ => 28 + 2 * (unit - 11),
    };
}

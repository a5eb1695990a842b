// The 32 bytes of a directory entry with a short name, field by field (FAT p. 23).
//
// Rules: reads whatever is there; who writes a field has checked it.

using System;
using System.Buffers.Binary;
using System.Text;

namespace Shared.Fat;

[Flags]
public enum FatAttributes : byte
{
    None = 0,
    ReadOnly = 1,
    Hidden = 2,
    System = 4,
    VolumeLabel = 8,
    Directory = 16,
    Archive = 32,
    LongName = ReadOnly | Hidden | System | VolumeLabel,
    /// <summary>What tells a part of a long name from all else (FAT p. 28).</summary>
    LongNameMask = LongName | Directory | Archive,
}

public static class RawEntry
{
    public const int Bytes = 32;
    public const int NameBytes = 11;
    /// <summary>First byte of a slot that is free, and of one after which all are.</summary>
    public const byte Deleted = 0xE5, EndMark = 0;
    /// <summary>Stands for 0xE5 as a first character (FAT p. 23).</summary>
    public const byte KanjiE5 = 0x05;
    /// <summary>
    /// Bits of byte 12 by which NT says that base or extension is in lower case.
    /// </summary>
    public const byte LowerBase = 0x08, LowerExtension = 0x10;
    private const int BaseBytes = 8;

    public static FatAttributes Attributes(ReadOnlySpan<byte> entry) => (FatAttributes)entry[11];

    public static bool IsLongName(ReadOnlySpan<byte> entry) =>
        (Attributes(entry) & FatAttributes.LongNameMask) == FatAttributes.LongName;

    /// <summary>The names that each directory has for itself and its parent.</summary>
    public static bool IsDots(ReadOnlySpan<byte> entry) =>
        entry[..NameBytes].SequenceEqual(".          "u8)
        || entry[..NameBytes].SequenceEqual("..         "u8);

    public static uint Length(ReadOnlySpan<byte> entry) =>
        BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]);

    public static void SetLength(Span<byte> entry, uint lengthBytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], lengthBytes);

    /// <param name="isWide">The upper half is something else on FAT12 and FAT16.</param>
    public static uint FirstCluster(ReadOnlySpan<byte> entry, bool isWide)
    {
        uint low = BinaryPrimitives.ReadUInt16LittleEndian(entry[26..]);
        uint high = isWide ? BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) : 0u;
        return high << 16 | low;
    }

    public static void SetFirstCluster(Span<byte> entry, uint cluster, bool isWide)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(entry[26..], (ushort)cluster);
        if (isWide) BinaryPrimitives.WriteUInt16LittleEndian(entry[20..], (ushort)(cluster >> 16));
    }

    public static FatTime Modified(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(entry[24..]),
        BinaryPrimitives.ReadUInt16LittleEndian(entry[22..]), 0);

    public static void SetModified(Span<byte> entry, FatTime time)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(entry[22..], time.Time);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[24..], time.Date);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], time.Date);
    }

    public static FatTime Created(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(entry[16..]),
        BinaryPrimitives.ReadUInt16LittleEndian(entry[14..]), entry[13]);

    public static void SetCreated(Span<byte> entry, FatTime time)
    {
        entry[13] = time.Hundredths;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], time.Time);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], time.Date);
    }

    /// <summary>
    /// The short name as people write it; what is no character is an underscore.
    /// </summary>
    public static string ShortName(ReadOnlySpan<byte> entry)
    {
        StringBuilder text = new(NameBytes + 1);
        Append(text, entry[..BaseBytes], (entry[12] & LowerBase) != 0);
        if (text.Length != 0 && entry[0] == KanjiE5) text[0] = CodePage437.Decode(Deleted);
        int baseLength = text.Length;
        text.Append('.');
        Append(text, entry[BaseBytes..NameBytes], (entry[12] & LowerExtension) != 0);
        if (text.Length == baseLength + 1) text.Length--;
        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> part, bool isLower)
    {
        foreach (byte code in part.TrimEnd((byte)' '))
        {
            char letter = CodePage437.Decode(code);
            text.Append(isLower && char.IsAsciiLetterUpper(letter)
                ? char.ToLowerInvariant(letter) : letter);
        }
    }

    /// <summary>Ties the parts of a long name to its short one (FAT p. 28).</summary>
    public static byte Checksum(ReadOnlySpan<byte> shortName)
    {
        byte sum = 0;
        foreach (byte code in shortName[..NameBytes]) sum = (byte)((sum >> 1 | sum << 7) + code);
        return sum;
    }
}

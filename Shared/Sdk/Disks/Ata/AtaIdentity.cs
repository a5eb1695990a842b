// What an ATA device says of itself: 256 words. ACS, 7.16.7.

using System;
using System.Buffers.Binary;
using Shared.Contracts;

namespace Shared.Sdk.Disks.Ata;

/// <param name="Geometry">Not sensible for a device that this system cannot use.</param>
public readonly record struct AtaIdentity(string Model, BlockGeometry Geometry, bool HasExtended)
{
    public const int LengthBytes = 512;

    private const int ModelAt = 27, ModelWords = 20, Sectors28 = 60, Features = 83, Sectors48 = 100;
    private const int SectorSize = 106, SectorWords = 117;
    private const ushort Supports48 = 1 << 10, IsLongSector = 1 << 12, ValidMask = 0xC000;
    private const ushort Valid = 0x4000;

    public static AtaIdentity Parse(ReadOnlySpan<byte> words)
    {
        ushort features = Word(words, Features);
        bool hasExtended = (features & ValidMask) == Valid && (features & Supports48) != 0;
        ulong sectors = hasExtended
            ? BinaryPrimitives.ReadUInt64LittleEndian(words[(Sectors48 * 2)..]) & 0xFFFF_FFFF_FFFF
            : BinaryPrimitives.ReadUInt32LittleEndian(words[(Sectors28 * 2)..]) & 0x0FFF_FFFF;
        ushort size = Word(words, SectorSize);
        bool isLong = (size & ValidMask) == Valid && (size & IsLongSector) != 0;
        uint sectorBytes = isLong
            ? 2 * BinaryPrimitives.ReadUInt32LittleEndian(words[(SectorWords * 2)..]) : 512;
        BlockGeometry geometry = new() { Blocks = sectors, BlockBytes = sectorBytes };
        return new AtaIdentity(ReadModel(words), geometry, hasExtended);
    }

    /// <summary>Two characters a word, the first in its upper half.</summary>
    public static string ReadModel(ReadOnlySpan<byte> words)
    {
        Span<byte> text = stackalloc byte[ModelWords * 2];
        for (int word = 0; word < ModelWords; word++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(text[(word * 2)..], Word(words, ModelAt + word));
        }
        return AsciiText.Of(text);
    }

    private static ushort Word(ReadOnlySpan<byte> words, int number) =>
        BinaryPrimitives.ReadUInt16LittleEndian(words[(number * 2)..]);
}

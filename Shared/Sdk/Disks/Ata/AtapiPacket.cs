// Command packets of a CD drive; MultiMedia Commands 5 (MMC-5), 6, and SPC-3, 6.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Shared.Sdk.Disks.Ata;

[InlineArray(LengthBytes)]
public struct AtapiPacket
{
    public const int LengthBytes = 12;
    private const byte TestUnitReady = 0x00, ReadCapacity10 = 0x25, Read10 = 0x28;

    private byte _first;

    public static AtapiPacket TestReady => Of(TestUnitReady, 0, 0);

    /// <summary>Eight bytes: last block, block length, both big-endian.</summary>
    public static AtapiPacket Capacity => Of(ReadCapacity10, 0, 0);

    public static AtapiPacket Read(uint firstBlock, ushort blocks) =>
        Of(Read10, firstBlock, blocks);

    private static AtapiPacket Of(byte command, uint firstBlock, ushort blocks)
    {
        AtapiPacket packet = default;
        packet[0] = command;
        BinaryPrimitives.WriteUInt32BigEndian(packet[2..6], firstBlock);
        BinaryPrimitives.WriteUInt16BigEndian(packet[7..9], blocks);
        return packet;
    }
}

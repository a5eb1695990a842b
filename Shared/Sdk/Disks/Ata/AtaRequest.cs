// One command to an ATA or ATAPI device, whoever carries it. ATA/ATAPI-8 Command Set (ACS), 7.

namespace Shared.Sdk.Disks.Ata;

public enum AtaCommand : byte
{
    ReadDma = 0xC8, ReadDmaExt = 0x25,
    WriteDma = 0xCA, WriteDmaExt = 0x35,
    FlushCache = 0xE7, FlushCacheExt = 0xEA,
    Identify = 0xEC, IdentifyPacket = 0xA1,
    Packet = 0xA0,
}

public enum AtaTransfer
{
    None,
    /// <summary>The processor moves the data, where that makes a difference.</summary>
    PioIn,
    DmaIn,
    DmaOut,
}

/// <param name="Sectors">Logical sectors; ignored by commands that move none.</param>
/// <param name="LengthBytes">What moves, from or to the first bytes of the port's buffer.</param>
public readonly record struct AtaRequest(
    AtaCommand Command, AtaTransfer Transfer, ulong FirstSector, uint Sectors, uint LengthBytes)
{
    /// <summary>Of a Packet command: 12 bytes, as the device expects them.</summary>
    public AtapiPacket Packet { get; init; }

    /// <summary>Addresses of 48 bits, and a count of 16.</summary>
    public bool IsExtended => Command
        is AtaCommand.ReadDmaExt or AtaCommand.WriteDmaExt or AtaCommand.FlushCacheExt;

    public bool IsPacket => Command == AtaCommand.Packet;
}

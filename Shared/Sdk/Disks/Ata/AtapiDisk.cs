// A CD or DVD in its drive, read-only. The medium is the one that is there when the driver starts.
//
// Rules: a drive says once after each reset that something has changed, by refusing a command.

using System;
using System.Buffers.Binary;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks.Ata;

public sealed class AtapiDisk(IAtaPort port, string model, BlockGeometry geometry) : IDiskUnit
{
    private const int Tries = 4;
    private const uint CapacityBytes = 8;

    public BlockGeometry Geometry => geometry;
    public string Model => model;
    public Span<byte> Buffer => port.Buffer[..BlockGeometry.MaxStepBytes];

    /// <summary>Null when there is no drive, or no medium in it.</summary>
    public static AtapiDisk? Find(IAtaPort port)
    {
        AtaRequest identify = new(
            AtaCommand.IdentifyPacket, AtaTransfer.PioIn, 0, 0, AtaIdentity.LengthBytes);
        if (port.Execute(identify) != Status.Ok) return null;
        string model = AtaIdentity.ReadModel(port.Buffer[..AtaIdentity.LengthBytes]);
        if (Do(port, AtapiPacket.TestReady, 0) != Status.Ok) return null;
        if (Do(port, AtapiPacket.Capacity, CapacityBytes) != Status.Ok) return null;
        ReadOnlySpan<byte> capacity = port.Buffer[..(int)CapacityBytes];
        BlockGeometry geometry = new()
        {
            Blocks = 1UL + BinaryPrimitives.ReadUInt32BigEndian(capacity),
            BlockBytes = BinaryPrimitives.ReadUInt32BigEndian(capacity[4..]),
            Flags = BlockFlags.ReadOnly,
        };
        return geometry.IsSensible ? new AtapiDisk(port, model, geometry) : null;
    }

    public Status Read(ulong firstBlock, int lengthBytes)
    {
        ushort blocks = (ushort)((uint)lengthBytes / geometry.BlockBytes);
        return Do(port, AtapiPacket.Read((uint)firstBlock, blocks), (uint)lengthBytes);
    }

    public Status Write(ulong firstBlock, int lengthBytes) => Status.ReadOnly;

    public Status Flush() => Status.Ok;

    private static Status Do(IAtaPort port, AtapiPacket packet, uint lengthBytes)
    {
        AtaTransfer transfer = lengthBytes == 0 ? AtaTransfer.None : AtaTransfer.DmaIn;
        AtaRequest request = new(AtaCommand.Packet, transfer, 0, 0, lengthBytes)
        {
            Packet = packet,
        };
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if (port.Execute(request) == Status.Ok) return Status.Ok;
        }
        return Status.IoError;
    }
}

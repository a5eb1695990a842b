// A hard disk or solid-state disk that speaks ATA.
//
// Rules: a command that failed or was not answered is tried once more; then it is IoError.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks.Ata;

public sealed class AtaDisk(IAtaPort port, AtaIdentity identity) : IDiskUnit
{
    private const int Tries = 2;

    public BlockGeometry Geometry => identity.Geometry;
    public string Model => identity.Model;
    public Span<byte> Buffer => port.Buffer[..BlockGeometry.MaxStepBytes];

    /// <summary>Null when no disk answers that this system can use.</summary>
    public static AtaDisk? Find(IAtaPort port)
    {
        AtaRequest identify = new(
            AtaCommand.Identify, AtaTransfer.PioIn, 0, 0, AtaIdentity.LengthBytes);
        if (Do(port, identify) != Status.Ok) return null;
        AtaIdentity identity = AtaIdentity.Parse(port.Buffer[..AtaIdentity.LengthBytes]);
        return identity.Geometry.IsSensible ? new AtaDisk(port, identity) : null;
    }

    public Status Read(ulong firstBlock, int lengthBytes) => Move(
        identity.HasExtended ? AtaCommand.ReadDmaExt : AtaCommand.ReadDma, AtaTransfer.DmaIn,
        firstBlock, (uint)lengthBytes);

    public Status Write(ulong firstBlock, int lengthBytes) => Move(
        identity.HasExtended ? AtaCommand.WriteDmaExt : AtaCommand.WriteDma, AtaTransfer.DmaOut,
        firstBlock, (uint)lengthBytes);

    public Status Flush() => Do(port, new AtaRequest(
        identity.HasExtended ? AtaCommand.FlushCacheExt : AtaCommand.FlushCache,
        AtaTransfer.None, 0, 0, 0));

    private Status Move(
        AtaCommand command, AtaTransfer transfer, ulong firstBlock, uint lengthBytes) =>
        Do(port, new AtaRequest(
            command, transfer, firstBlock, lengthBytes / Geometry.BlockBytes, lengthBytes));

    private static Status Do(IAtaPort port, in AtaRequest request)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if (port.Execute(request) == Status.Ok) return Status.Ok;
        }
        return Status.IoError;
    }
}

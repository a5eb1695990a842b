// A drive of a channel, as a place where an ATA device hangs.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks.Ata;

namespace Servers.Drivers.Ata;

internal sealed class IdePort(Channel channel, Drive drive) : IAtaPort
{
    public Span<byte> Buffer =>
        channel.Memory.Bytes(BusMaster.DataAt, BlockGeometry.MaxStepBytes);

    public Status Execute(in AtaRequest request) => channel.Execute(drive, request);
}

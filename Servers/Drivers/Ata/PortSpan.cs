// A span of I/O ports that the driver was given.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Drivers.Ata;

internal sealed class PortSpan(IKernel kernel, Handle ports, ushort first)
{
    public byte Read8(uint offset) => (byte)Read(offset, 1);
    public ushort Read16(uint offset) => (ushort)Read(offset, 2);
    public void Write8(uint offset, byte value) => Write(offset, 1, value);
    public void Write16(uint offset, ushort value) => Write(offset, 2, value);
    public void Write32(uint offset, uint value) => Write(offset, 4, value);

    private uint Read(uint offset, int widthBytes)
    {
        Result<uint> value = kernel.PortRead(ports, (ushort)(first + offset), widthBytes);
        return value.IsOk ? value.Value : throw Refused(offset, value.Status);
    }

    private void Write(uint offset, int widthBytes, uint value)
    {
        Status status = kernel.PortWrite(ports, (ushort)(first + offset), widthBytes, value);
        if (status != Status.Ok) throw Refused(offset, status);
    }

    private InvalidOperationException Refused(uint offset, Status status) =>
        new($"port {first + offset:x}: {status}");
}

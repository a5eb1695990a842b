// Registers of a device that lie in memory: each access is one load or store of that width.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Native;

// Safety: every access is checked against the length that the kernel has mapped, for the life of
// the process; widths are aligned, which the devices demand.
public sealed unsafe class DeviceRegisters
{
    private readonly byte* _first;
    private readonly uint _lengthBytes;

    private DeviceRegisters(byte* first, uint lengthBytes)
    {
        _first = first;
        _lengthBytes = lengthBytes;
    }

    /// <summary>Maps from the first page of the capability to the end of the span.</summary>
    public static Result<DeviceRegisters> Map(
        IKernel kernel, Handle memory, uint firstByte, uint lengthBytes)
    {
        ulong mapped = (firstByte + lengthBytes + Limits.PageBytes - 1UL)
            & ~(Limits.PageBytes - 1UL);
        Result<ulong> address = kernel.MemoryMap(memory, 0, mapped, Rights.Read | Rights.Write);
        if (!address.IsOk) return address.Status;
        // Safety: the kernel has mapped that many bytes there.
        return new DeviceRegisters((byte*)address.Value + firstByte, lengthBytes);
    }

    /// <summary>A part of these registers, for example one port of several.</summary>
    public DeviceRegisters Part(uint offset, uint lengthBytes)
    {
        Check(offset, lengthBytes, 1);
        // Safety: checked to lie within the span.
        return new DeviceRegisters(_first + offset, lengthBytes);
    }

    // Safety of all that follow: At has checked the address.
    public byte Read8(uint offset) => Volatile.Read(ref *At(offset, 1));
    public ushort Read16(uint offset) => Volatile.Read(ref *(ushort*)At(offset, 2));
    public uint Read32(uint offset) => Volatile.Read(ref *(uint*)At(offset, 4));

    public void Write8(uint offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    public void Write16(uint offset, ushort value) =>
        Volatile.Write(ref *(ushort*)At(offset, 2), value);

    public void Write32(uint offset, uint value) =>
        Volatile.Write(ref *(uint*)At(offset, 4), value);

    private byte* At(uint offset, uint widthBytes)
    {
        Check(offset, widthBytes, widthBytes);
        return _first + offset;
    }

    private void Check(uint offset, uint lengthBytes, uint alignment)
    {
        bool isInside = lengthBytes <= _lengthBytes && offset <= _lengthBytes - lengthBytes;
        if (!isInside || offset % alignment != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }
    }
}

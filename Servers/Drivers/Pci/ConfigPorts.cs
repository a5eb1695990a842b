// Configuration mechanism #1: an address port and a data port. PCI Local Bus Specification 3.0,
// 3.2.2.3.2.

using Shared.Abi;
using Shared.Sdk;

namespace Servers.Drivers.Pci;

/// <summary>The configuration space of all functions, 256 bytes each.</summary>
internal interface IConfigSpace
{
    /// <summary>All ones where nothing answers.</summary>
    uint Read(ushort function, uint offset);

    void Write(ushort function, uint offset, uint value);
}

internal sealed class ConfigPorts(IKernel kernel, Handle ports) : IConfigSpace
{
    private const ushort Address = 0xCF8, Data = 0xCFC;
    private const uint Enable = 0x8000_0000;
    private const int WidthBytes = 4;

    public uint Read(ushort function, uint offset)
    {
        Select(function, offset);
        Shared.Contracts.Result<uint> value = kernel.PortRead(ports, Data, WidthBytes);
        return value.IsOk ? value.Value : uint.MaxValue;
    }

    public void Write(ushort function, uint offset, uint value)
    {
        Select(function, offset);
        kernel.PortWrite(ports, Data, WidthBytes, value);
    }

    private void Select(ushort function, uint offset) => kernel.PortWrite(
        ports, Address, WidthBytes, Enable | (uint)function << 8 | offset & 0xFC);
}

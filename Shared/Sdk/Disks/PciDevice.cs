// The PCI function that a driver was given: its configuration, and what the registers hold.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Shared.Sdk.Disks;

public sealed class PciDevice
{
    private const uint FirstBar = 0x10, BarBytes = 4;
    private const uint PortMask = ~3u, MemoryMask = ~15u;

    private readonly PciFunctionClient _function;

    public PciDevice(TaskContext task) =>
        _function = new PciFunctionClient(task.Kernel, task.Claim("pci"));

    public uint Read32(uint offset)
    {
        Result<uint> value = _function.ReadConfig(offset & ~3u);
        if (value.IsOk) return value.Value;
        throw new InvalidOperationException($"pci: {value.Status}");
    }

    public byte Read8(uint offset) => (byte)(Read32(offset) >> (int)(offset % 4 * 8));

    /// <summary>First port of a register that names ports.</summary>
    public ushort Ports(uint bar) => (ushort)(Read32(FirstBar + bar * BarBytes) & PortMask);

    /// <summary>Where the registers begin within the first page of the capability.</summary>
    public uint OffsetInPage(uint bar) =>
        Read32(FirstBar + bar * BarBytes) & MemoryMask & (Limits.PageBytes - 1);

    public void SetAccess(PciAccess access)
    {
        Status status = _function.SetAccess(access);
        if (status != Status.Ok) throw new InvalidOperationException($"pci: {status}");
    }
}

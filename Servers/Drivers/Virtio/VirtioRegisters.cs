// Where the parts of a modern virtio device lie: capabilities of its PCI configuration name a
// register span and a place in it for each. Virtual I/O Device (VIRTIO) 1.2, 4.1.4.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Servers.Drivers.Virtio;

internal sealed record VirtioRegisters(
    DeviceRegisters Common, DeviceRegisters Notify, uint NotifyMultiplier,
    DeviceRegisters InterruptStatus, DeviceRegisters Device)
{
    private const uint StatusWord = 0x04, HasCapabilities = 1 << 20, FirstCapability = 0x34;
    private const byte VendorCapability = 0x09;
    private const int MaxCapabilities = 48;

    private enum Part : byte { Common = 1, Notify = 2, InterruptStatus = 3, Device = 4 }

    /// <summary>The registers that the capabilities name; throws where one is missing.</summary>
    public static VirtioRegisters Map(TaskContext task, PciDevice pci)
    {
        DeviceRegisters?[] parts = new DeviceRegisters?[(int)Part.Device + 1];
        uint multiplier = 0;
        bool hasList = (pci.Read32(StatusWord) & HasCapabilities) != 0;
        uint at = hasList ? pci.Read8(FirstCapability) & 0xFCu : 0;
        for (int count = 0; at != 0 && count < MaxCapabilities; count++)
        {
            byte kind = pci.Read8(at), part = pci.Read8(at + 3);
            bool isWanted = kind == VendorCapability && part is >= 1 and <= (byte)Part.Device;
            if (isWanted && parts[part] is null)
            {
                parts[part] = Map(task, pci, at);
                if (part == (byte)Part.Notify) multiplier = pci.Read32(at + 16);
            }
            at = pci.Read8(at + 1) & 0xFCu;
        }
        return new VirtioRegisters(
            Need(Part.Common), Need(Part.Notify), multiplier, Need(Part.InterruptStatus),
            Need(Part.Device));

        DeviceRegisters Need(Part part) => parts[(int)part]
            ?? throw new InvalidOperationException($"no modern virtio device: no {part}");
    }

    private static DeviceRegisters Map(TaskContext task, PciDevice pci, uint capability)
    {
        uint bar = pci.Read8(capability + 4);
        uint offset = pci.Read32(capability + 8), lengthBytes = pci.Read32(capability + 12);
        const uint MostBytes = 1 << 20;
        if (bar >= PciBars.Count || offset > MostBytes || lengthBytes is 0 or > MostBytes)
            throw new InvalidOperationException("virtio capability out of range");
        Handle registers = task.Find($"bar{bar}");
        // Firmware that sets up no devices leaves the device without them.
        if (registers.IsNone) throw new RefusedException("no registers");
        Result<DeviceRegisters> mapped = DeviceRegisters.Map(
            task.Kernel, registers, pci.OffsetInPage(bar) + offset, lengthBytes);
        return mapped.IsOk ? mapped.Value
            : throw new InvalidOperationException($"registers: {mapped.Status}");
    }
}

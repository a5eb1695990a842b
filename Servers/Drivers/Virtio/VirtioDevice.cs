// The registers of a virtio device in the order in which a driver must use them; VIRTIO 1.2, 3.1.1
// and 4.1.4.3.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Drivers.Virtio;

internal sealed class VirtioDevice(VirtioRegisters registers, IKernel kernel)
{
    // Common configuration; 4.1.4.3.
    private const uint DeviceFeatureSelect = 0, DeviceFeature = 4, DriverFeatureSelect = 8;
    private const uint DriverFeature = 12, DeviceStatus = 20, QueueSelect = 22;
    private const uint QueueSizeAt = 24, QueueEnable = 28, QueueNotifyOffset = 30;
    private const uint QueueDescriptors = 32, QueueAvailable = 40, QueueUsed = 48;
    private const uint ConfigMsixVector = 16, QueueMsixVector = 26;
    private const ushort NoVector = 0xFFFF;

    // Block device; 5.2.3 and 5.2.4.
    private const uint FeatureReadOnly = 1 << 5, FeatureBlockSize = 1 << 6;
    private const uint FeatureFlush = 1 << 9, FeatureVersion1High = 1;
    private const uint CapacityLow = 0, CapacityHigh = 4, BlockSizeAt = 20;
    private const uint SectorBytes = 512;
    private const ulong ResetTimeoutNs = 500_000_000;

    [Flags]
    private enum Progress : byte
    {
        None = 0, Acknowledged = 1, HasDriver = 2, DriverOk = 4, FeaturesOk = 8,
    }

    private uint _features;

    public bool CanFlush => (_features & FeatureFlush) != 0;

    public ushort QueueSize { get; } = VirtQueue.MaxSize;

    /// <summary>Stops all that it does, and waits until it has stopped.</summary>
    public void Reset()
    {
        registers.Common.Write8(DeviceStatus, 0);
        ulong endNs = kernel.ClockNow() + ResetTimeoutNs;
        while (registers.Common.Read8(DeviceStatus) != 0)
        {
            if (kernel.ClockNow() > endNs)
                throw new InvalidOperationException("the device does not reset");
        }
    }

    /// <summary>After Reset: agrees on features, and gives the device its queue.</summary>
    public void Start(DmaMemory memory)
    {
        DeviceRegisters common = registers.Common;
        Progress progress = Progress.Acknowledged | Progress.HasDriver;
        common.Write8(DeviceStatus, (byte)progress);
        _features = Agree();
        progress |= Progress.FeaturesOk;
        common.Write8(DeviceStatus, (byte)progress);
        if ((common.Read8(DeviceStatus) & (byte)Progress.FeaturesOk) == 0)
            throw new InvalidOperationException("the device refuses the features");
        StartQueue(memory);
        common.Write8(DeviceStatus, (byte)(progress | Progress.DriverOk));
    }

    private uint Agree()
    {
        DeviceRegisters common = registers.Common;
        common.Write32(DeviceFeatureSelect, 1);
        if ((common.Read32(DeviceFeature) & FeatureVersion1High) == 0)
            throw new InvalidOperationException("not a modern virtio device");
        common.Write32(DeviceFeatureSelect, 0);
        uint features = common.Read32(DeviceFeature)
            & (FeatureReadOnly | FeatureBlockSize | FeatureFlush);
        common.Write32(DriverFeatureSelect, 0);
        common.Write32(DriverFeature, features);
        common.Write32(DriverFeatureSelect, 1);
        common.Write32(DriverFeature, FeatureVersion1High);
        return features;
    }

    private void StartQueue(DmaMemory memory)
    {
        DeviceRegisters common = registers.Common;
        common.Write16(ConfigMsixVector, NoVector);
        common.Write16(QueueSelect, 0);
        if (common.Read16(QueueSizeAt) < QueueSize)
            throw new InvalidOperationException("the device's queue is too short");
        common.Write16(QueueSizeAt, QueueSize);
        common.Write16(QueueMsixVector, NoVector);
        Write64(QueueDescriptors, memory.AddressOf(VirtQueue.DescriptorsAt));
        Write64(QueueAvailable, memory.AddressOf(VirtQueue.AvailableAt));
        Write64(QueueUsed, memory.AddressOf(VirtQueue.UsedAt));
        common.Write16(QueueEnable, 1);
    }

    public BlockGeometry ReadGeometry()
    {
        DeviceRegisters device = registers.Device;
        uint blockBytes = (_features & FeatureBlockSize) != 0
            ? device.Read32(BlockSizeAt) : SectorBytes;
        ulong sectors = device.Read32(CapacityLow) | (ulong)device.Read32(CapacityHigh) << 32;
        return new BlockGeometry
        {
            BlockBytes = blockBytes,
            Blocks = sectors / Math.Max(1, blockBytes / SectorBytes),
            Flags = (_features & FeatureReadOnly) != 0 ? BlockFlags.ReadOnly : BlockFlags.None,
        };
    }

    /// <summary>There is something in the queue; 4.1.4.4.</summary>
    public void Notify()
    {
        uint offset = registers.Common.Read16(QueueNotifyOffset) * registers.NotifyMultiplier;
        registers.Notify.Write16(offset, 0);
    }

    /// <summary>Reading it takes the interrupt away; 4.1.4.5.</summary>
    public void ReadInterruptStatus() => registers.InterruptStatus.Read8(0);

    private void Write64(uint offset, ulong value)
    {
        registers.Common.Write32(offset, (uint)value);
        registers.Common.Write32(offset + sizeof(uint), (uint)(value >> 32));
    }
}

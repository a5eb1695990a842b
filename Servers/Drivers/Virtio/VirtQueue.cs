// A split virtqueue with one request at a time: a chain of descriptors that begins at 0.
//
// VIRTIO 1.2, 2.7. Rules: what the device writes is checked; the device may write at any time, so
// each of its words is read once.

using System;
using Shared.Sdk.Native;

namespace Servers.Drivers.Virtio;

internal sealed class VirtQueue(DmaMemory memory, ushort size)
{
    /// <summary>The three parts lie in the first page of the memory.</summary>
    public const uint DescriptorsAt = 0, AvailableAt = 2048, UsedAt = 3072;
    public const ushort MaxSize = 64;
    private const uint DescriptorBytes = 16, RingAt = 4, IndexAt = 2;
    private const ushort HasNext = 1, DeviceWrites = 2;

    private ushort _count;
    private ushort _available, _used;

    public void Begin() => _count = 0;

    /// <summary>Adds a span that lies in one page of the memory.</summary>
    public void Add(uint offset, uint lengthBytes, Direction direction)
    {
        if (_count == size) throw new InvalidOperationException("queue too short");
        uint at = DescriptorsAt + _count * DescriptorBytes;
        if (_count > 0)
        {
            uint before = at - DescriptorBytes;
            memory.Write16(before + 12, (ushort)(memory.ReadShared16(before + 12) | HasNext));
            memory.Write16(before + 14, _count);
        }
        memory.Write64(at, memory.AddressOf(offset));
        memory.Write32(at + 8, lengthBytes);
        memory.Write16(at + 12, direction == Direction.FromDevice ? DeviceWrites : (ushort)0);
        memory.Write16(at + 14, 0);
        _count++;
    }

    /// <summary>The chain is the device's until IsDone.</summary>
    public void Submit()
    {
        memory.Write16(AvailableAt + RingAt + (uint)(_available % size) * sizeof(ushort), 0);
        _available++;
        memory.Publish16(AvailableAt + IndexAt, _available);
    }

    public bool IsDone => memory.ReadShared16(UsedAt + IndexAt) != _used;

    /// <summary>The device has given the chain back.</summary>
    public void Take() => _used++;

    /// <summary>As the device is after a reset.</summary>
    public void Reset()
    {
        memory.Bytes(0, UsedAt + 1024).Clear();
        _count = _available = _used = 0;
    }
}

internal enum Direction { ToDevice, FromDevice }

// A virtio block device; VIRTIO 1.2, 3.1 (initialization) and 5.2 (block device).
//
// Rules: the device is reset before it is used, so nothing that an earlier driver has asked for
// goes on; one that does not answer in time is reset, and asked once more.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Native;

namespace Servers.Drivers.Virtio;

internal sealed class VirtioDisk : IDiskUnit
{
    public const uint DmaPages = 2 + BlockGeometry.MaxStepBytes / Limits.PageBytes;

    private const uint HeaderAt = Limits.PageBytes, StatusAt = HeaderAt + 512;
    private const uint DataAt = 2 * Limits.PageBytes;
    private const uint SectorBytes = 512, HeaderBytes = 16;
    private const ulong TimeoutMs = 800;
    private const byte Unwritten = 0xFF;

    private enum RequestType : uint { Read = 0, Write = 1, Flush = 4, GetId = 8 }

    private readonly VirtioDevice _device;
    private readonly DmaMemory _memory;
    private readonly VirtQueue _queue;
    private readonly InterruptWait _interrupt;

    private VirtioDisk(VirtioDevice device, DmaMemory memory, InterruptWait interrupt)
    {
        _device = device;
        _memory = memory;
        _interrupt = interrupt;
        _queue = new VirtQueue(memory, device.QueueSize);
    }

    public static VirtioDisk Open(
        TaskContext task, VirtioRegisters registers, InterruptWait interrupt)
    {
        VirtioDevice device = new(registers, task.Kernel);
        device.Reset();
        Result<DmaMemory> memory = DmaMemory.Map(task.Kernel, task.Claim("dma"), DmaPages);
        if (!memory.IsOk) throw new InvalidOperationException($"dma: {memory.Status}");
        return new VirtioDisk(device, memory.Value, interrupt);
    }

    public BlockGeometry Geometry { get; private set; }
    public string Model { get; private set; } = "";
    public Span<byte> Buffer => _memory.Bytes(DataAt, BlockGeometry.MaxStepBytes);

    /// <summary>The device may move data from now on.</summary>
    public void Start()
    {
        Begin();
        Geometry = _device.ReadGeometry();
        if (!Geometry.IsSensible) throw new InvalidOperationException("no sensible disk");
        Model = ReadModel();
    }

    /// <summary>Reading its status quiets the line.</summary>
    public void Quiet()
    {
        _device.ReadInterruptStatus();
        _interrupt.Acknowledge();
    }

    public Status Read(ulong firstBlock, int lengthBytes) =>
        Do(RequestType.Read, firstBlock, (uint)lengthBytes, Direction.FromDevice);

    public Status Write(ulong firstBlock, int lengthBytes) =>
        Do(RequestType.Write, firstBlock, (uint)lengthBytes, Direction.ToDevice);

    public Status Flush() => _device.CanFlush
        ? Do(RequestType.Flush, 0, 0, Direction.ToDevice)
        : Status.Ok;

    private void Begin()
    {
        _queue.Reset();
        _device.Start(_memory);
    }

    private Status Do(RequestType type, ulong firstBlock, uint lengthBytes, Direction direction)
    {
        ulong sector = firstBlock * (Geometry.BlockBytes / SectorBytes);
        if (TryDo(type, sector, lengthBytes, direction) is { } status) return status;
        _device.Reset();
        Begin();
        status = TryDo(type, sector, lengthBytes, direction) ?? Status.IoError;
        return status;
    }

    /// <summary>Null when the device does not answer.</summary>
    private Status? TryDo(
        RequestType type, ulong sector, uint lengthBytes, Direction direction)
    {
        _memory.Write32(HeaderAt, (uint)type);
        _memory.Write32(HeaderAt + 4, 0);
        _memory.Write64(HeaderAt + 8, sector);
        _memory.Bytes(StatusAt, 1)[0] = Unwritten;
        _queue.Begin();
        _queue.Add(HeaderAt, HeaderBytes, Direction.ToDevice);
        for (uint done = 0; done < lengthBytes; done += Limits.PageBytes)
        {
            _queue.Add(
                DataAt + done, Math.Min(Limits.PageBytes, lengthBytes - done), direction);
        }
        _queue.Add(StatusAt, 1, Direction.FromDevice);
        _queue.Submit();
        _device.Notify();
        if (!_interrupt.Until(IsDone, TimeoutMs)) return null;
        _queue.Take();
        return _memory.ReadShared8(StatusAt) switch
        {
            0 => Status.Ok,
            2 => Status.NotSupported,
            _ => Status.IoError,
        };
    }

    private bool IsDone()
    {
        _device.ReadInterruptStatus();
        return _queue.IsDone;
    }

    /// <summary>20 bytes of ASCII, zero padded; optional.</summary>
    private string ReadModel()
    {
        const uint IdBytes = 20;
        Buffer[..(int)IdBytes].Clear();
        Status? status = TryDo(RequestType.GetId, 0, IdBytes, Direction.FromDevice);
        if (status is null) throw new InvalidOperationException("the device does not answer");
        ReadOnlySpan<byte> id = Buffer[..(int)IdBytes];
        return status == Status.Ok
            ? "virtio " + AsciiText.Of(id)
            : "virtio";
    }
}

// A disk whose driver is another task.
//
// Rules: reads that a request needs are made on its behalf, so that its deadline bounds them;
// writes are the server's own business, and go on when who asked first is gone.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Tasks;

namespace Shared.Sdk.Disks;

public sealed class RemoteDisk : IDisk
{
    private readonly BlockDeviceClient _device;

    public RemoteDisk(IKernel kernel, Handle device)
    {
        _device = new BlockDeviceClient(kernel, device);
        Result<BlockGeometry> geometry = _device.Describe();
        if (!geometry.IsOk) throw new DiskException(geometry.Status);
        if (!geometry.Value.IsSensible) throw new DiskException(Status.NotSupported);
        Geometry = geometry.Value;
    }

    /// <summary>The disk that a mount was given; a disk that is not there is a refusal.</summary>
    public static RemoteDisk Open(TaskContext task)
    {
        try
        {
            return new RemoteDisk(task.Kernel, task.Claim("disk"));
        }
        catch (DiskException exception)
            when (exception.Status is Status.NotFound or Status.Revoked)
        {
            throw new RefusedException("no such disk or partition");
        }
    }

    public BlockGeometry Geometry { get; }

    /// <summary>The request on whose behalf reads are made; default: nobody's.</summary>
    public CallOptions Serving { get; set; }

    public void Read(ulong firstBlock, Span<byte> target)
    {
        _device.Options = Serving;
        while (!target.IsEmpty)
        {
            Span<byte> step = target[..Math.Min(target.Length, BlockGeometry.MaxStepBytes)];
            Require(_device.Read(firstBlock, step));
            firstBlock += (ulong)step.Length / Geometry.BlockBytes;
            target = target[step.Length..];
        }
    }

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source)
    {
        _device.Options = default;
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> step =
                source[..Math.Min(source.Length, BlockGeometry.MaxStepBytes)];
            Require(_device.Write(firstBlock, step));
            firstBlock += (ulong)step.Length / Geometry.BlockBytes;
            source = source[step.Length..];
        }
    }

    public void Flush()
    {
        _device.Options = default;
        Require(_device.Flush());
    }

    private static void Require(Status status)
    {
        if (status != Status.Ok) throw new DiskException(status);
    }
}

// A disk that can be told to fail: each call is IoError until it is told to work again.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Tests.Disks;

internal sealed class FailingDisk(IDisk disk) : IDisk
{
    public bool IsFailing { get; set; }
    public BlockGeometry Geometry => disk.Geometry;

    public void Read(ulong firstBlock, Span<byte> target)
    {
        Check();
        disk.Read(firstBlock, target);
    }

    public void Write(ulong firstBlock, ReadOnlySpan<byte> source)
    {
        Check();
        disk.Write(firstBlock, source);
    }

    public void Flush()
    {
        Check();
        disk.Flush();
    }

    private void Check()
    {
        if (IsFailing) throw new DiskException(Status.IoError);
    }
}

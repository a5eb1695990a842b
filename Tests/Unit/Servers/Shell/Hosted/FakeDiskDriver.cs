// A disk with a partition table and a gap in it, as unit 1 of a driver of two.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class FakeDiskDriver : IDiskDriver
{
    public const ulong HandleValue = 0xD15C;

    public Result<DiskDescription> DescribeDisk(uint unit, uint partition, Span<byte> model)
    {
        if (unit > 1) return Status.BadArgument;
        if (unit == 0 || partition is 2 or > 3) return Status.NotFound;
        DiskDescription disk = new()
        {
            Geometry = new BlockGeometry { BlockBytes = 512, Blocks = 131072UL >> (int)partition },
            Partitions = 3, Scheme = PartitionScheme.Gpt,
        };
        if (partition == 0) disk.ModelBytes = (uint)Encoding.UTF8.GetBytes("A disk", model);
        return disk;
    }
}

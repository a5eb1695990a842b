// What a disk driver tells of its disks, for `lsblk`.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Contracts.Devices;

[Contract(id: 9, version: 1)]
public interface IDiskDriver
{
    /// <summary>
    /// A disk (partition 0) or one of its partitions. NotFound: there is none of this number, and
    /// there may be one of the next; BadArgument: the driver has no unit of this number, nor of
    /// the next; IoError: the disk, or the table of its partitions, cannot be read.
    /// </summary>
    [Op(1), Idempotent]
    Result<DiskDescription> DescribeDisk(uint unit, uint partition, Span<byte> model);
}

/// <summary>Sizes, and what the disk says of itself.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public record struct DiskDescription
{
    public BlockGeometry Geometry;
    /// <summary>Highest number of a partition; numbers may have gaps.</summary>
    public uint Partitions;
    /// <summary>Bytes of UTF-8 that were written.</summary>
    public uint ModelBytes;
    public PartitionScheme Scheme;
}

public enum PartitionScheme : uint { None = 0, Mbr = 1, Gpt = 2 }

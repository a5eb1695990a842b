// A span of a disk that is used as a disk of its own.

using System.Collections.Generic;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Shared.Sdk.Disks;

/// <param name="Number">From 1; logical partitions of an MBR from 5.</param>
public readonly record struct Partition(uint Number, ulong FirstBlock, ulong Blocks);

/// <summary>What the first blocks of a disk say of the others.</summary>
public sealed record PartitionTable(PartitionScheme Scheme, IReadOnlyList<Partition> Partitions)
{
    public static readonly PartitionTable Empty = new(PartitionScheme.None, []);

    public Partition? Find(uint number)
    {
        foreach (Partition partition in Partitions)
        {
            if (partition.Number == number) return partition;
        }
        return null;
    }
}

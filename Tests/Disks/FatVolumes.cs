// New FAT volumes for tests, as small as each kind can be.

using System;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Fat;

namespace Tests.Disks;

internal static class FatVolumes
{
    private const ulong MiB = 1024 * 1024;

    /// <summary>Each takes at least 4 MiB of files.</summary>
    public static SparseDisk Make(FatKind kind, uint blockBytes = 512, string label = "")
    {
        (ulong bytes, uint clusterBytes) = kind switch
        {
            FatKind.Fat12 => (8 * MiB, 4096u),
            FatKind.Fat16 => (16 * MiB, 2048u),
            _ => (34 * MiB, 512u),
        };
        if (blockBytes > 512) bytes *= 8;
        clusterBytes = Math.Max(clusterBytes, blockBytes);
        return Make(bytes, kind, clusterBytes, blockBytes, label);
    }

    public static SparseDisk Make(
        ulong bytes, FatKind? kind = null, uint clusterBytes = 0, uint blockBytes = 512,
        string label = "")
    {
        SparseDisk disk = new(bytes, blockBytes);
        Status status = FatFormatter.Format(disk, new FormatOptions
        {
            Kind = kind, ClusterBytes = clusterBytes, Label = label, VolumeId = 0x1234_5678,
        });
        if (status != Status.Ok) throw new InvalidOperationException($"format: {status}");
        return disk;
    }
}

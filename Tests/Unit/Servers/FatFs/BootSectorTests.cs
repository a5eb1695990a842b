// Which boot sectors are believed, what they say, and the one line that refuses the others.

using System;
using NUnit.Framework;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class BootSectorTests
{
    [TestCase(11, 0, "sectors of 0 bytes")]
    [TestCase(11, 768, "sectors of 768 bytes")]
    [TestCase(13, 3, "clusters of 3 sectors")]
    [TestCase(14, 0, "no reserved sectors")]
    [TestCase(17, 15, "root directory of a part of a sector")]
    [TestCase(17, 0, "root directory of 0 entries")]
    [TestCase(19, 40_000, "volume is larger than its disk")]
    [TestCase(19, 20, "no room for data")]
    [TestCase(510, 0, "no boot sector signature")]
    public void Sector_that_cannot_be_right_is_refused(int offset, int value, string reason)
    {
        SparseDisk disk = FatVolumes.Make(1_500_000, FatKind.Fat12, 1024);
        byte[] boot = disk.ReadBytes(0, 512);
        boot[offset] = (byte)value;
        if (offset != 13) boot[offset + 1] = (byte)(value >> 8);
        Assert.That(BootSector.Parse(boot, disk.Geometry, out string found), Is.Null);
        Assert.That(found, Is.EqualTo(reason));
    }

    [TestCase(nameof(FatKind.Fat12))]
    [TestCase(nameof(FatKind.Fat16))]
    [TestCase(nameof(FatKind.Fat32))]
    public void Any_byte_of_any_value_is_parsed_or_refused(string kind)
    {
        SparseDisk disk = FatVolumes.Make(Enum.Parse<FatKind>(kind));
        byte[] good = disk.ReadBytes(0, 512);
        int refused = 0;
        for (int at = 0; at < 90; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] boot = [.. good];
                boot[at] = (byte)value;
                FatLayout? layout = BootSector.Parse(boot, disk.Geometry, out string reason);
                Assert.That(layout is null, Is.EqualTo(reason.Length != 0));
                if (layout is null) refused++;
                else Assert.That(EndOf(layout), Is.AtMost(disk.Geometry.Blocks * 512));
            }
        }
        Assert.That(refused, Is.GreaterThan(1000));
    }

    private static ulong EndOf(FatLayout layout) => layout.DataStart + layout.DataBytes;

    [TestCase(100_000u, nameof(FatKind.Fat12))]
    [TestCase(4_000_000u, nameof(FatKind.Fat12))]
    [TestCase(5_000_000u, nameof(FatKind.Fat16))]
    [TestCase(400_000_000u, nameof(FatKind.Fat16))]
    [TestCase(600_000_000u, nameof(FatKind.Fat32))]
    [TestCase(4_000_000_000u, nameof(FatKind.Fat32))]
    public void Format_chooses_the_kind_by_the_size_and_is_read_back(uint bytes, string kind)
    {
        SparseDisk disk = new(bytes);
        FormatOptions options = new() { Label = "disk", VolumeId = 7 };
        Status status = FatFormatter.Format(disk, options);
        Assert.That(status, Is.EqualTo(Status.Ok));
        FatLayout? layout = BootSector.Parse(disk.ReadBytes(0, 512), disk.Geometry, out _);
        Assert.That($"{layout!.Kind}", Is.EqualTo(kind));
        Assert.That(layout.VolumeId, Is.EqualTo(7));
        // Nearly all of the disk is clusters.
        Assert.That(layout.DataBytes, Is.GreaterThan(bytes / 100 * 88));
        FatMount mount = new(disk);
        mount.Write("f", "text"u8);
        Assert.That(mount.Read("f"), Is.EqualTo("text"u8.ToArray()));
    }

    [Test]
    public void Format_refuses_what_cannot_be()
    {
        FormatOptions options = new();
        Assert.That(FatFormatter.Format(new SparseDisk(8192), options), Is.EqualTo(Status.NoSpace));
        Assert.That(
            FatFormatter.Format(
                new SparseDisk(1_000_000), options with { Kind = FatKind.Fat32 }),
            Is.EqualTo(Status.NoSpace));
        Assert.That(
            FatFormatter.Format(new SparseDisk(1_000_000), options with { Label = "a*b" }),
            Is.EqualTo(Status.InvalidName));
        Assert.That(
            FatFormatter.Format(
                new SparseDisk(1_000_000, flags: BlockFlags.ReadOnly), options),
            Is.EqualTo(Status.ReadOnly));
    }
}

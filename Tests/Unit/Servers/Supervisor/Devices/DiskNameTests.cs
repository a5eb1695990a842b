// Names of disks as users type them, and which of them overlap.

using NUnit.Framework;
using Servers;
using Servers.Supervisor.Devices;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Tests.Unit.Servers.Supervisor.Devices;

public sealed class DiskNameTests
{
    [TestCase("/dev/virtio0", 0u, 0u, 0u)]
    [TestCase("/dev/virtio2p3", 2u, 0u, 3u)]
    [TestCase("/dev/virtio0p255", 0u, 0u, 255u)]
    public void Disk_is_a_driver_a_unit_and_a_partition(
        string name, uint ordinal, uint unit, uint partition)
    {
        DiskName parsed = DiskName.Parse(name)!.Value;
        Assert.That(parsed.Ordinal, Is.EqualTo(ordinal));
        Assert.That(parsed.Badge, Is.EqualTo(new DiskBadge(unit, partition)));
        string driver = ordinal == 0 ? "virtio" : $"virtio-{ordinal + 1}";
        Assert.That(DiskName.Of(driver, parsed.Badge), Is.EqualTo(name));
    }

    [TestCase("virtio0")]
    [TestCase("/dev/")]
    [TestCase("/dev/virtio")]
    [TestCase("/dev/virtio00")]
    [TestCase("/dev/virtio-1")]
    [TestCase("/dev/virtio+1")]
    [TestCase("/dev/virtio0p")]
    [TestCase("/dev/virtio0p0")]
    [TestCase("/dev/virtio0p01")]
    [TestCase("/dev/virtio0p256")]
    [TestCase("/dev/virtio0p1p2")]
    [TestCase("/dev/virtio0 ")]
    [TestCase("/dev/virtio99999999999")]
    [TestCase("/dev/nothing0")]
    [TestCase("/devvirtio0")]
    public void Other_words_name_no_disk(string name) =>
        Assert.That(DiskName.Parse(name), Is.Null);

    [TestCase("/dev/virtio0", "/dev/virtio0", true)]
    [TestCase("/dev/virtio0", "/dev/virtio0p1", true)]
    [TestCase("/dev/virtio0p1", "/dev/virtio0p1", true)]
    [TestCase("/dev/virtio0p1", "/dev/virtio0p2", false)]
    [TestCase("/dev/virtio0", "/dev/virtio1", false)]
    public void Disk_overlaps_its_partitions_and_itself(string one, string other, bool overlaps)
    {
        Assert.That(
            DiskName.Parse(one)!.Value.Overlaps(DiskName.Parse(other)!.Value),
            Is.EqualTo(overlaps));
        Assert.That(
            DiskName.Parse(other)!.Value.Overlaps(DiskName.Parse(one)!.Value),
            Is.EqualTo(overlaps));
    }

    [Test]
    public void Badge_says_which_disk_and_nothing_else_is_one()
    {
        DiskBadge badge = new(3, 7);
        Assert.That(DiskBadge.Of(badge.Badge), Is.EqualTo(badge));
        Assert.That(DiskBadge.Of(DiskBadge.List), Is.Null);
        Assert.That(DiskBadge.Of(new(1)), Is.Null);
        Assert.That(DiskBadge.Of(new(badge.Badge.Value | 1UL << 16)), Is.Null);
    }

    [Test]
    public void Names_of_disks_are_no_beginnings_of_each_other()
    {
        foreach (DriverSpec one in DriverTable.All)
        {
            foreach (DriverSpec other in DriverTable.All)
            {
                if (one == other) continue;
                Assert.That(one.DiskName, Does.Not.StartWith(other.DiskName));
            }
        }
    }
}

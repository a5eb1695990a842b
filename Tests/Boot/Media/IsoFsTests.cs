// The boot medium as a disk of the guest, mounted: IsoFs over a driver, and its death.

using System;
using System.IO;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

[TestFixture]
public sealed class IsoFsTests : BootTest
{
    // A copy, because QEMU locks what may be written to, and other tests boot from it.
    private readonly string _disk =
        Path.Combine(Path.GetTempPath(), $"cosmos-{Guid.NewGuid():N}.iso");

    protected override QemuOptions Options =>
        new() { Disks = [new DiskImage(_disk, DiskBus.Virtio)] };

    [Test]
    public void Boot_medium_is_mounted_read_and_outlives_its_server()
    {
        File.Copy(Repository.IsoFile, _disk);
        Until("lsblk", "virtio0");
        Succeeds("mount -t iso /dev/virtio0 /mnt");
        Assert.That(Succeeds("ls /mnt/cosmos"), Does.Contain("kernel").And.Contain("shell"));
        string menu = Succeeds("cat /mnt/boot/grub/grub.cfg");
        Assert.That(menu, Does.Contain("module /cosmos/kernel kernel"));
        Succeeds("kill iso@/mnt");
        Assert.That(Succeeds("cat /mnt/boot/grub/grub.cfg"), Is.EqualTo(menu));
        Assert.That(Fails("write /mnt/new text"), Does.Contain("read-only"));
        Succeeds("umount /mnt");
        Assert.That(PowerOff(), Is.Zero);
    }

    [Test]
    public void Disk_that_is_no_ISO_9660_volume_is_refused_with_a_reason()
    {
        File.WriteAllBytes(_disk, new byte[1024 * 1024]);
        Until("lsblk", "virtio0");
        Run("mount -t iso /dev/virtio0 /mnt");
        Until("servers -v", "no ISO 9660 volume: there is no primary volume descriptor");
    }

    [TearDown]
    public void RemoveDisk()
    {
        // QEMU has it open, which on this host is no reason to keep the name.
        File.Delete(_disk);
    }
}

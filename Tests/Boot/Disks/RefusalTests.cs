// What cannot be mounted is refused in one line, and nothing is left behind.

using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(AnyBus))]
public sealed class RefusalTests(DiskBus bus) : DiskTest(bus)
{
    private const int SectorBytes = 512;

    [Test]
    public async Task Disk_that_cannot_be_mounted_is_refused_in_one_line()
    {
        int noise = Attach(HostDisk.Of(Folder, Bytes(1, 1024 * 1024)));
        HostVolume good = await HostVolume.Make(Folder, 4_096, "-F", "12");
        int parts = Attach(await HostDisk.Partitioned(Folder, Scheme.Mbr, good));
        Refuses($"mount -t fat {Device(noise)} /mnt",
            $"mount: {Device(noise)}: no FAT volume: ");
        Refuses($"mount -t fat {Device(noise, 1)} /mnt",
            $"mount: {Device(noise, 1)}: no such disk or partition");
        Refuses($"mount -t fat {Device(parts, 2)} /mnt",
            $"mount: {Device(parts, 2)}: no such disk or partition");
        Refuses($"mount -t fat {Device(9)} /mnt", $"mount: {Device(9)}: no such disk");
        Assert.That(Succeeds("servers"), Does.Not.Contain("fat"));
        Succeeds($"mount -t fat {Device(parts, 1)} /mnt");
        Succeeds("mkdir /tmp/second");
        string taken = "is mounted already, or a part of it";
        Refuses($"mount -t fat {Device(parts, 1)} /tmp/second",
            $"mount: {Device(parts, 1)}: {taken}");
        Refuses($"mount -t fat {Device(parts)} /tmp/second", $"mount: {Device(parts)}: {taken}");
        Succeeds("echo works > /mnt/file");
        Succeeds("umount /mnt");
        Succeeds($"mount -t fat {Device(parts, 1)} /tmp/second");
        Succeeds("umount /tmp/second");
        Assert.That(Succeeds("servers"), Does.Not.Contain("fat"));
        RequireNothingLeft();
    }

    [Test]
    public async Task Damaged_volume_is_mounted_read_only()
    {
        HostVolume volume = await HostVolume.Make(Folder, 4_096, "-F", "12");
        byte[] bytes = Bytes(1, 50_000);
        await volume.Add("file", bytes);
        HostDisk disk = HostDisk.Whole(Folder, volume);
        Damage(disk.File);
        int number = Attach(disk);
        Succeeds($"mount -t fat {Device(number)} /mnt");
        Assert.That(Succeeds("log"), Does.Contain("volume is damaged, mounted read-only: "));
        Assert.That(Fails("echo x > /mnt/new"), Does.Contain("read-only"));
        Succeeds("ls /mnt");
        // Its bytes are anybody's guess, but reading them comes to an end.
        Run("cat /mnt/file | wc");
        Succeeds("umount /mnt");
        RequireNothingLeft();
    }

    private void Refuses(string line, string reason)
    {
        string mounts = Run("mount");
        Assert.That(Fails(line), Does.StartWith(reason));
        Assert.That(Run("mount"), Is.EqualTo(mounts));
    }

    /// <summary>Not left clean, and the file's chain comes back to its second cluster.</summary>
    private static void Damage(string file)
    {
        const int stateOffset = 0x25, reservedOffset = 14;
        byte[] volume = System.IO.File.ReadAllBytes(file);
        volume[stateOffset] |= 1;
        int fat = volume[reservedOffset] * SectorBytes;
        // Entries 4 and 5 of 12 bits: both lead to cluster 3.
        (volume[fat + 6], volume[fat + 7], volume[fat + 8]) = (0x03, 0x30, 0x00);
        System.IO.File.WriteAllBytes(file, volume);
    }
}

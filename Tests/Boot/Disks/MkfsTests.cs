// Volumes that the guest makes itself are good for the host, and are mounted where they were made.

using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(AnyBus))]
public sealed class MkfsTests(DiskBus bus) : DiskTest(bus)
{
    private const int MiB = 1024 * 1024;

    [Test]
    public async Task Volumes_that_the_guest_makes_are_good_on_the_host()
    {
        HostDisk small = HostDisk.Of(Folder, Bytes(1, 2 * MiB));
        HostVolume noise = new(Folder, Folder.FileOf(Bytes(2, 40 * MiB)));
        HostDisk parts = await HostDisk.Partitioned(Folder, Scheme.Gpt, noise);
        string whole = Device(Attach(small)), second = Device(Attach(parts)), part = second + "p1";
        Succeeds($"run mkfs.fat -n 'MY DISK' {whole}");
        Succeeds($"run mkfs.fat -F 32 -n BIG {part}");
        Use(whole);
        Use(part);
        Refuses($"{second}", $"{second}: has 1 partition(s); -I takes it nevertheless");
        Refuses("-F 16 " + whole, $"{whole}: no Fat16 volume fits 4096 blocks");
        Refuses("-n more.than.that " + whole, $"{whole}: 'more.than.that' is no label");
        Refuses("-F 24 " + whole, "-F 24: no such FAT");
        Refuses("/dev/nothing0", "/dev/nothing0: no such disk");
        Refuses(second + "p2", $"{second}p2: no such disk or partition");
        Refuses("", "usage: mkfs.fat ");
        Succeeds($"mount -t fat {part} /mnt");
        Refuses(part, $"{part}: is mounted or in use, or a part of it");
        Refuses(second, $"{second}: is mounted or in use, or a part of it");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("text"));
        RequireNothingLeft();
        PowerOff();
        foreach (HostVolume volume in (HostVolume[])[small.Volume(), parts.Volume(1)])
        {
            await volume.RequireClean();
            Assert.That(await volume.Read("file"), Is.EqualTo("text\n"u8.ToArray()));
        }
        Assert.That(await small.Volume().Mtool("mlabel", "-s", "::"), Does.Contain("MY DISK"));
    }

    private void Use(string disk)
    {
        Succeeds($"mount -t fat {disk} /mnt");
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
        Succeeds("echo text > /mnt/file");
        Succeeds("umount /mnt");
    }

    private void Refuses(string words, string reason) =>
        Assert.That(Fails($"run mkfs.fat {words}"), Does.StartWith("mkfs.fat: " + reason));
}

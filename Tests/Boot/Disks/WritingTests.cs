// Files that the guest writes are there when the host looks, on every kind of FAT and of partition.

using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(Buses))]
public sealed class WritingTests(DiskBus bus) : DiskTest(bus)
{
    private readonly byte[] _source = Bytes(1, 300_000);

    [Test]
    public async Task Disks_that_the_guest_writes_are_good_on_the_host()
    {
        HostDisk[] disks = await Make();
        foreach (HostDisk disk in disks) Attach(disk);
        Succeeds("mkdir -p /tmp/a /tmp/b /tmp/c /tmp/d");
        Succeeds($"mount -t fat {Device(0)} /tmp/a");
        Succeeds($"mount -t fat {Device(1, 1)} /tmp/b");
        Succeeds($"mount -t fat {Device(2, 2)} /tmp/c");
        string[] table = Succeeds("lsblk").Split('\n');
        Assert.That(table.Select(static line => line.Split(' ')[0]), Is.EqualTo((string[])
        [
            "NAME", $"{Kind}0", $"{Kind}1", $"{Kind}1p1", $"{Kind}2", $"{Kind}2p1", $"{Kind}2p2",
        ]));
        Assert.That(table[1], Does.Match(@"disk +rw +/tmp/a"));
        Assert.That(table[2], Does.Match(@"disk +rw +- .*\(mbr\)"));
        Assert.That(table[3], Does.Match(@"20M +part +rw +/tmp/b"));
        Assert.That(table[4], Does.Match(@"disk +rw +- .*\(gpt\)"));
        Assert.That(table[6], Does.Match(@"part +rw +/tmp/c"));
        foreach (string target in (string[])["/tmp/a", "/tmp/b", "/tmp/c"]) Change(target);
        foreach (string target in (string[])["/tmp/a", "/tmp/b", "/tmp/c"])
            Succeeds($"umount {target}");
        RequireNothingLeft();
        PowerOff();
        await Compare(disks[0].Volume());
        await Compare(disks[1].Volume(1));
        await Compare(disks[2].Volume(2));
    }

    private async Task<HostDisk[]> Make()
    {
        HostVolume fat12 = await HostVolume.Make(Folder, 2_880, "-F", "12");
        HostVolume fat16 = await HostVolume.Make(Folder, 20_480, "-F", "16");
        HostVolume other = await HostVolume.Make(Folder, 4_096, "-F", "12");
        HostVolume fat32 = await HostVolume.Make(Folder, 40_960, "-F", "32", "-s", "1");
        foreach (HostVolume volume in (HostVolume[])[fat12, fat16, fat32])
        {
            await volume.Add("source", _source);
            await volume.Add("old", Bytes(2, 100_000));
        }
        return
        [
            HostDisk.Whole(Folder, fat12),
            await HostDisk.Partitioned(Folder, Scheme.Mbr, fat16),
            await HostDisk.Partitioned(Folder, Scheme.Gpt, other, fat32),
        ];
    }

    private void Change(string target)
    {
        Succeeds($"mkdir '{target}/Gr\u00FC\u00DFe'");
        Succeeds($"cp {target}/source '{target}/Gr\u00FC\u00DFe/a copy with a long name'");
        Succeeds($"echo hello > {target}/greeting.text");
        Succeeds($"echo more >> {target}/greeting.text");
        Succeeds($"rm {target}/old");
        Succeeds($"mv {target}/source {target}/Moved");
    }

    private async Task Compare(HostVolume volume)
    {
        await volume.RequireClean();
        Assert.That(await volume.Names(),
            Is.EquivalentTo((string[])["Gr\u00FC\u00DFe/", "greeting.text", "Moved"]));
        Assert.That(await volume.Read("Moved"), Is.EqualTo(_source));
        Assert.That(await volume.Read("Gr\u00FC\u00DFe/a copy with a long name"),
            Is.EqualTo(_source));
        Assert.That(await volume.Read("greeting.text"), Is.EqualTo("hello\nmore\n"u8.ToArray()));
    }
}

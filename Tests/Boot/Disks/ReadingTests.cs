// A disk that the host has made: names, and the bytes of files that lie in many pieces.

using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(Buses))]
public sealed class ReadingTests(DiskBus bus) : DiskTest(bus)
{
    private const int SmallBytes = 16 * 1024, SmallFiles = 200;

    [Test]
    public async Task Disk_of_the_host_is_read_byte_by_byte()
    {
        HostVolume volume = await HostVolume.Make(
            Folder, 40_000, "-F", "32", "-s", "1", "-n", "HOST");
        Dictionary<string, byte[]> files = await Fill(volume);
        int disk = Attach(HostDisk.Whole(Folder, volume));
        Succeeds($"mount -t fat -o ro {Device(disk)} /mnt");
        IEnumerable<string> names = Succeeds("ls /mnt").Split('\n')
            .Select(static name => name.TrimEnd('/'));
        Assert.That(names, Is.SupersetOf(files.Keys.Select(path => path.Split('/')[0])));
        foreach ((string path, byte[] bytes) in files)
        {
            Assert.That(SumOf("/mnt/" + path), Is.EqualTo(Sum(bytes)), path);
        }
        Assert.That(Fails("echo x > /mnt/new"), Does.Contain("read-only"));
        Succeeds("umount /mnt");
        PowerOff();
        await volume.RequireClean();
    }

    /// <summary>The last file takes most of what is free, in the holes that others leave.</summary>
    private async Task<Dictionary<string, byte[]>> Fill(HostVolume volume)
    {
        Dictionary<string, byte[]> files = new()
        {
            ["UPPER.TXT"] = Bytes(1, 100),
            ["A long name with spaces.and.dots"] = Bytes(2, 20_000),
            ["gr\u00FC\u00DFe \u65E5\u672C.txt"] = Bytes(3, 513),
            [new string('n', 200)] = Bytes(4, 70_000),
            ["empty"] = [],
            ["Dir ectory/deeper/file"] = Bytes(5, 4096),
        };
        await volume.Mtool("mmd", "::Dir ectory", "::Dir ectory/deeper");
        foreach ((string path, byte[] bytes) in files) await volume.Add(path, bytes);
        string small = Folder.FileOf(Bytes(6, SmallBytes));
        await volume.Add("filler", Bytes(7, 35_500_000));
        string[] names = [.. Enumerable.Range(0, SmallFiles).Select(i => $"::s{i}")];
        foreach (string name in names) await volume.Mtool("mcopy", small, name);
        await volume.Mtool("mdel", [.. names.Where((_, i) => i % 2 == 1)]);
        files["Big file"] = Bytes(8, 2_900_000);
        await volume.Add("Big file", files["Big file"]);
        Assert.That(await volume.Pieces("Big file"), Is.GreaterThan(50));
        files["s0"] = files[$"s{SmallFiles - 2}"] = Bytes(6, SmallBytes);
        return files;
    }
}

// The founding promise, for disks: whoever dies between a program and its file, the copy completes,
// and every byte of it is right, also on the host.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(Buses))]
public sealed class DriverDeathTests(DiskBus bus) : DiskTest(bus)
{
    private const int BigBytes = 8 * 1024 * 1024;
    private const int SectorBytes = 512;
    private const string Server = "fat@/mnt";

    private readonly byte[] _big = Bytes(1, BigBytes);
    private HostDisk _disk = null!;

    [Test]
    public async Task Copy_completes_though_driver_bus_and_file_system_are_killed_again_and_again()
    {
        await MountWithBigFile();
        int kills = 0;
        Run("cp /mnt/big /mnt/copy &");
        while (IsRunning())
        {
            string before = Length();
            foreach (string victim in (string[])[Kind, Server, "pci", Kind])
            {
                Succeeds($"kill {victim}");
                kills++;
            }
            // A start reads the whole table: who kills faster than that sees a deadline in the end.
            while (IsRunning() && Length() == before) Succeeds("sleep 0.01");
        }
        Succeeds("wait 1");
        TestContext.Out.WriteLine($"{kills} kills");
        Assert.That(kills, Is.GreaterThanOrEqualTo(8));
        await RequireCopies("copy");
    }

    [Test]
    public async Task Copy_completes_though_driver_and_file_system_fail_in_it()
    {
        await MountWithBigFile();
        Inject($"crash {Kind} null --at 20", "one");
        Inject($"crash {Kind} throw --after-commit --at 33", "two");
        Inject($"crash {Server} divide --after-commit --at 7", "three");
        Inject($"hang {Kind} --at 12", "four");
        Assert.That(Succeeds($"servers {Kind}"), Does.Contain("Hung (injected)"));
        Assert.That(Succeeds("servers"), Does.Match($@"(?m)^{Kind} .* 3 +Hung"));
        await RequireCopies("one", "two", "three", "four");
    }

    private async Task MountWithBigFile()
    {
        HostVolume volume = await HostVolume.Make(Folder, 64 * 1024, "-F", "32", "-s", "1");
        await volume.Add("big", _big);
        _disk = HostDisk.Whole(Folder, volume);
        Succeeds($"mount -t fat {Device(Attach(_disk))} /mnt");
    }

    private void Inject(string fault, string copy)
    {
        Succeeds(fault);
        Succeeds($"cp /mnt/big /mnt/{copy}", timeoutSeconds: 60);
    }

    private bool IsRunning() => Run("jobs").Contains("running");

    private string Length() => Run("ls -l /mnt/copy");

    private async Task RequireCopies(params string[] copies)
    {
        string[] sums = [.. copies.Select(copy => SumOf($"/mnt/{copy}"))];
        Succeeds("umount /mnt");
        RequireNothingLeft();
        PowerOff();
        HostVolume after = _disk.Volume();
        await after.RequireClean();
        foreach (string copy in copies)
            Assert.That(Differences(await after.Read(copy)), Is.Empty, $"on the disk: {copy}");
        Assert.That(sums, Is.All.EqualTo(Sum(_big)), "as the guest read them back");
    }

    /// <summary>Where a copy is wrong: the first sectors, each with what stands there instead.
    /// </summary>
    private string Differences(byte[] copy)
    {
        if (copy.Length != BigBytes)
            return $"{copy.Length} bytes";
        var wrong = new List<string>();
        for (int at = 0; at < BigBytes && wrong.Count < 20; at += SectorBytes)
        {
            ReadOnlySpan<byte> sector = copy.AsSpan(at, SectorBytes);
            if (!sector.SequenceEqual(_big.AsSpan(at, SectorBytes)))
                wrong.Add($"{at:x}: bytes of {_big.AsSpan().IndexOf(sector):x}");
        }
        return string.Join(", ", wrong);
    }
}

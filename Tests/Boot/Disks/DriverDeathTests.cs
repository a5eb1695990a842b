// The founding promise, for disks: whoever dies between a program and its file, the copy completes,
// and every byte of it is right, also on the host.

using System;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(Buses))]
public sealed class DriverDeathTests(DiskBus bus) : DiskTest(bus)
{
    private const int BigBytes = 8 * 1024 * 1024;
    private const string Server = "fat@/mnt";

    private readonly byte[] _big = Bytes(1, BigBytes);
    private HostDisk _disk = null!;

    [Test]
    public async Task Copy_completes_though_driver_bus_and_file_system_are_killed_again_and_again()
    {
        await MountWithBigFile();
        int kills = 0;
        Run("cp /mnt/big /mnt/copy > /tmp/out &");
        while (IsRunning())
        {
            foreach (string victim in (string[])[Kind, Server, "pci", Kind])
            {
                Succeeds($"kill {victim}");
                kills++;
            }
        }
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

    private async Task RequireCopies(params string[] copies)
    {
        Assert.That(Run("cat /tmp/out"), Is.Empty.Or.Contain("not found"));
        foreach (string copy in copies)
            Assert.That(SumOf($"/mnt/{copy}"), Is.EqualTo(Sum(_big)), copy);
        Succeeds("umount /mnt");
        RequireNothingLeft();
        PowerOff();
        HostVolume after = _disk.Volume();
        await after.RequireClean();
        foreach (string copy in copies)
            Assert.That((await after.Read(copy)).AsSpan().SequenceEqual(_big), Is.True, copy);
    }
}

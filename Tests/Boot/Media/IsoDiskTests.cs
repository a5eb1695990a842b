// Disks of a machine that firmware and GRUB have set up: each controller that it has, under each
// firmware that the ISO boots with. What the guest writes is checked on the host.

using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Boot.Disks;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

public enum IsoMachine { Bios, Uefi, Bochs }

[TestFixture(IsoMachine.Bios)]
[TestFixture(IsoMachine.Uefi)]
[TestFixture(IsoMachine.Bochs)]
public sealed class IsoDiskTests(IsoMachine machine) : BootTest
{
    private const int Seconds = 120, FileBytes = 400_000;

    private readonly HostFolder _folder = new();
    private readonly List<(DiskBus Bus, HostDisk Disk)> _disks = [];

    protected override IMachineOptions Options
    {
        get
        {
            DiskImage[] images = [.. _disks.ConvertAll(static one => one.Disk.On(one.Bus))];
            return machine switch
            {
                IsoMachine.Bochs => new BochsOptions { Disks = images },
                IsoMachine.Uefi => new QemuOptions
                {
                    Medium = BootMedium.Iso, Firmware = Firmware.Uefi, Screen = Screen.Hidden,
                    Disks = images,
                },
                _ => new QemuOptions { Medium = BootMedium.Iso, Disks = images },
            };
        }
    }

    [TearDown] public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Disks_are_read_and_written_and_their_drivers_may_die()
    {
        byte[] bytes = new byte[FileBytes];
        new Random(7).NextBytes(bytes);
        string sum = Convert.ToHexStringLower(SHA256.HashData(bytes));
        foreach (DiskBus bus in Buses)
        {
            HostVolume volume = await HostVolume.Make(_folder, 20_480, "-F", "16");
            await volume.Add("source", bytes);
            _disks.Add((bus, HostDisk.Whole(_folder, volume)));
        }
        foreach (DiskBus bus in Buses)
        {
            string kind = bus.ToString().ToLowerInvariant();
            Until("lsblk", $"{kind}0");
            Succeeds($"mount -t fat /dev/{kind}0 /mnt", Seconds);
            Succeeds("cp /mnt/source /mnt/copy", Seconds);
            Succeeds($"kill {kind}", Seconds);
            Assert.That(Succeeds("sha256sum /mnt/copy", Seconds), Does.StartWith(sum), kind);
            Succeeds("umount /mnt", Seconds);
        }
        Assert.That(PowerOff(), Is.Zero);
        foreach ((DiskBus _, HostDisk disk) in _disks)
        {
            await disk.Volume().RequireClean();
            Assert.That(await disk.Volume().Read("copy"), Is.EqualTo(bytes));
        }
    }

    /// <summary>What the machine has.</summary>
    private DiskBus[] Buses => machine == IsoMachine.Bochs
        ? [DiskBus.Ata] : [DiskBus.Ata, DiskBus.Ahci, DiskBus.Virtio];
}

// The ISO on each kind of machine that it boots on: one under SeaBIOS; one under OVMF, with holes
// in its RAM and a card without a text screen; and Bochs, with another maker's processor, chip set,
// drive and BIOS. One boot each, because GRUB takes its time.
//
// Disks are those of each controller that the machine has, as firmware and GRUB have set it up.
// What the guest writes is checked on the host.

using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Boot.Disks;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

public enum IsoMachine { Bios, Uefi, Bochs }

[TestFixture(IsoMachine.Bios)]
[TestFixture(IsoMachine.Uefi)]
[TestFixture(IsoMachine.Bochs)]
public sealed class IsoTests(IsoMachine machine) : BootTest
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
    public async Task System_boots_survives_kills_keeps_its_disks_and_powers_off()
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
        RequireSystem();
        if (machine == IsoMachine.Bios) RequireMedium();
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

    private void RequireSystem()
    {
        Assert.That(Machine.CurrentLine, Is.EqualTo("cosmos:/$ "));
        Assert.That(Succeeds("ls", Seconds), Does.Contain("proc"));
        Assert.That(Succeeds("mount", Seconds), Does.Contain("memory on / type memfs"));
        Succeeds("write /tmp/kept still' 'here", Seconds);
        Succeeds("kill memfs@/", Seconds);
        Assert.That(Succeeds("cat /tmp/kept", Seconds), Is.EqualTo("still here"));
    }

    /// <summary>What it was booted from can be mounted, and has every byte.</summary>
    private void RequireMedium()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(Repository.Images, "hello"));
        string expected = Convert.ToHexStringLower(SHA256.HashData(image));
        Until("lsblk", "ata2");
        Succeeds("mount -t iso /dev/ata2 /mnt", Seconds);
        Succeeds("kill iso@/mnt", Seconds);
        Assert.That(
            Succeeds("run sha256sum /mnt/cosmos/hello", Seconds), Does.StartWith(expected));
        Succeeds("umount /mnt", Seconds);
    }

    /// <summary>What the machine has.</summary>
    private DiskBus[] Buses => machine == IsoMachine.Bochs
        ? [DiskBus.Ata] : [DiskBus.Ata, DiskBus.Ahci, DiskBus.Virtio];
}

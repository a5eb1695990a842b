// A disk of the guest: a raw file of the host, and the kind of controller that it is attached to.
// A file that is called .iso is a CD in its drive.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Tests.Rig.Machine;

/// <summary>What VirtualBox and QEMU have: IDE (PIIX), SATA (AHCI), virtio-blk.</summary>
public enum DiskBus { Ata, Ahci, Virtio }

public sealed record DiskImage(string File, DiskBus Bus)
{
    private const int UnitsOfAta = 4, UnitsOfAhci = 6;

    private bool IsCd => File.EndsWith(".iso", StringComparison.OrdinalIgnoreCase);

    /// <summary>FILE[:ata|ahci|virtio]; virtio without a word.</summary>
    public static DiskImage Parse(string text)
    {
        int mark = text.LastIndexOf(':');
        string word = mark < 0 ? "" : text[(mark + 1)..];
        DiskBus? bus = word switch
        {
            "ata" => DiskBus.Ata,
            "ahci" => DiskBus.Ahci,
            "virtio" => DiskBus.Virtio,
            _ => null,
        };
        string file = bus is null ? text : text[..mark];
        if (!System.IO.File.Exists(file))
            throw new RigException($"{file}: no such disk image (run --make-disk makes one)");
        return new DiskImage(Path.GetFullPath(file), bus ?? DiskBus.Virtio);
    }

    /// <summary>QEMU's arguments for all disks, in their order on each bus.</summary>
    public static IEnumerable<string> Arguments(IReadOnlyList<DiskImage> disks)
    {
        if (disks.Any(static disk => disk.Bus == DiskBus.Ahci))
        {
            yield return "-device";
            yield return "ahci,id=sata";
        }
        Dictionary<DiskBus, int> units = [];
        for (int number = 0; number < disks.Count; number++)
        {
            DiskImage disk = disks[number];
            int unit = units.GetValueOrDefault(disk.Bus);
            units[disk.Bus] = unit + 1;
            yield return "-drive";
            // A comma in a value is written twice.
            string file = disk.File.Replace(",", ",,", StringComparison.Ordinal);
            string medium = disk.IsCd ? ",media=cdrom,readonly=on" : "";
            yield return $"file={file},format=raw,if=none,id=disk{number}{medium}";
            yield return "-device";
            yield return $"{disk.Device(unit)},drive=disk{number}";
        }
    }

    private string IdeDevice => IsCd ? "ide-cd" : "ide-hd";

    private string Device(int unit) => Bus switch
    {
        DiskBus.Virtio => "virtio-blk-pci",
        DiskBus.Ahci when unit < UnitsOfAhci => $"{IdeDevice},bus=sata.{unit}",
        DiskBus.Ata when unit < UnitsOfAta =>
            $"{IdeDevice},bus=ide.{unit / 2},unit={unit % 2}",
        _ => throw new RigException($"{File}: too many disks of the kind {Bus}"),
    };
}

// A disk image of the host: one volume, or several in partitions that sfdisk makes.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

internal enum Scheme { None, Mbr, Gpt }

internal sealed class HostDisk
{
    private const int SectorBytes = 512;
    /// <summary>Partitions begin at whole mebibytes; the last one is left to GPT's copy.</summary>
    private const long AlignedBytes = 1024 * 1024;

    private readonly HostFolder _folder;
    private readonly (long FirstByte, long LengthBytes)[] _volumes;

    private HostDisk(HostFolder folder, string file, (long, long)[] volumes)
    {
        _folder = folder;
        File = file;
        _volumes = volumes;
    }

    public string File { get; }

    public DiskImage On(DiskBus bus) => new(File, bus);

    public static HostDisk Whole(HostFolder folder, HostVolume volume) =>
        new(folder, volume.File, [(0, new FileInfo(volume.File).Length)]);

    public static HostDisk Of(HostFolder folder, byte[] bytes) =>
        new(folder, folder.FileOf(bytes), [(0, bytes.Length)]);

    /// <summary>Partition 1 is the first volume, and so on.</summary>
    public static async Task<HostDisk> Partitioned(
        HostFolder folder, Scheme scheme, params HostVolume[] volumes)
    {
        (long FirstByte, long LengthBytes)[] places = new (long, long)[volumes.Length];
        long end = AlignedBytes;
        for (int i = 0; i < volumes.Length; i++)
        {
            places[i] = (end, new FileInfo(volumes[i].File).Length);
            end += (places[i].LengthBytes + AlignedBytes - 1) / AlignedBytes * AlignedBytes;
        }
        string file = folder.NewPath(".disk"), script = folder.NewPath(".sfdisk");
        using (FileStream disk = System.IO.File.Create(file))
        {
            disk.SetLength(end + AlignedBytes);
            for (int i = 0; i < volumes.Length; i++)
            {
                disk.Position = places[i].FirstByte;
                using FileStream volume = System.IO.File.OpenRead(volumes[i].File);
                volume.CopyTo(disk);
            }
        }
        // Windows' basic data; for MBR, FAT32 with LBA.
        string type = scheme == Scheme.Gpt ? "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7" : "c";
        string label = scheme == Scheme.Gpt ? "gpt" : "dos";
        System.IO.File.WriteAllLines(script, places.Select(place =>
            $"start={place.FirstByte / SectorBytes}, size={place.LengthBytes / SectorBytes}, "
            + $"type={type}").Prepend($"label: {label}"));
        await HostFolder.Must(
            "sh", "-c", "exec /usr/sbin/sfdisk -q \"$0\" < \"$1\"", file, script);
        return new HostDisk(folder, file, places);
    }

    /// <summary>The volume as it is on the disk now, counted from 1; a copy.</summary>
    public HostVolume Volume(int number = 1)
    {
        (long firstByte, long lengthBytes) = _volumes[number - 1];
        byte[] bytes = new byte[lengthBytes];
        using FileStream disk = System.IO.File.OpenRead(File);
        disk.Position = firstByte;
        disk.ReadExactly(bytes);
        return new HostVolume(_folder, _folder.FileOf(bytes));
    }
}

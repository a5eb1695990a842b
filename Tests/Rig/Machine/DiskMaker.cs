// Makes an empty disk for the guest: a file with a FAT32 volume on it, by the host's mkfs.fat.
//
// Rules: a file that is there is never touched. The file is sparse: it takes what is used of it.

using System;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace Tests.Rig.Machine;

public static class DiskMaker
{
    private const string Maker = "/usr/sbin/mkfs.fat";
    private const string Label = "COSMOS";
    private const long KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

    /// <summary>Smaller is no FAT32 (65,525 clusters), larger no disk with an MBR.</summary>
    private const long LeastBytes = 40 * MiB, MostBytes = 2047 * GiB;

    /// <summary>SIZE is a number with K, M or G: powers of 1024.</summary>
    public static async Task Make(string file, string size)
    {
        long bytes = ParseSize(size);
        if (Path.Exists(file)) throw new RigException($"{file}: is there already");
        string? folder = Path.GetDirectoryName(Path.GetFullPath(file));
        if (!Directory.Exists(folder)) throw new RigException($"{folder}: no such directory");
        ToolResult result = await Tool.Run(Maker,
        [
            "-F", "32", "-n", Label, "-C", Path.GetFullPath(file),
            (bytes / KiB).ToString(CultureInfo.InvariantCulture),
        ]);
        if (result.ExitCode == 0) return;
        // What it has made before it failed is no disk.
        File.Delete(file);
        throw new RigException($"mkfs.fat: {result.Output.Trim().ReplaceLineEndings(" ")}");
    }

    /// <summary>In bytes.</summary>
    public static long ParseSize(string text)
    {
        long unit = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => KiB, 'M' => MiB, 'G' => GiB, _ => 0,
        };
        bool isNumber = unit != 0 && long.TryParse(
            text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out _);
        if (!isNumber) throw new RigException($"{text}: a size is a number with K, M or G");
        long count = long.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        if (count > MostBytes / unit || count * unit < LeastBytes)
        {
            throw new RigException($"{text}: a FAT32 disk has 40M to 2047G");
        }
        return count * unit;
    }
}

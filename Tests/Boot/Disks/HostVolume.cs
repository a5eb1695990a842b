// A FAT volume in a file of the host: made, filled, read and checked with mkfs.fat, mtools and
// fsck.fat.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Boot.Disks;

internal sealed partial class HostVolume(HostFolder folder, string file)
{
    private const string SystemFolder = "/usr/sbin/";

    public string File => file;

    public static async Task<HostVolume> Make(
        HostFolder folder, long kilobytes, params string[] options)
    {
        string file = folder.NewPath(".fat");
        await HostFolder.Must(
            SystemFolder + "mkfs.fat", [.. options, "-C", file, $"{kilobytes}"]);
        return new HostVolume(folder, file);
    }

    public Task<string> Mtool(string tool, params string[] arguments) =>
        HostFolder.Must(tool, ["-i", file, .. arguments]);

    public Task Add(string path, byte[] bytes) =>
        Mtool("mcopy", folder.FileOf(bytes), "::" + path);

    public async Task<byte[]> Read(string path)
    {
        string target = folder.NewPath(".back");
        await Mtool("mcopy", "::" + path, target);
        return System.IO.File.ReadAllBytes(target);
    }

    /// <summary>Names of a directory, as mtools shows them.</summary>
    public async Task<string[]> Names(string directory = "") =>
    [
        .. (await Mtool("mdir", "-b", "::" + directory)).Split('\n')
            .Select(static line => line.Trim()).Where(static line => line.Length > 0)
            .Select(static line => line[(line.IndexOf("::/", StringComparison.Ordinal) + 3)..]),
    ];

    /// <summary>In how many pieces the file lies.</summary>
    public async Task<int> Pieces(string path) =>
        (await Mtool("mshowfat", "::" + path)).Count(static letter => letter == '<');

    /// <summary>What fsck.fat finds, which changes nothing.</summary>
    public async Task<string[]> Faults()
    {
        ToolResult result = await Tool.Run(SystemFolder + "fsck.fat", ["-n", file]);
        return
        [
            .. result.Output.Split('\n').Select(static line => line.Trim())
                .Where(static line => line.Length > 0 && !Harmless().IsMatch(line)),
        ];
    }

    /// <summary>Nothing is wrong, and the volume says so itself.</summary>
    public async Task RequireClean() => Assert.That(await Faults(), Is.Empty);

    [GeneratedRegex(
        @"^(fsck\.fat \d|.*: \d+ files, \d+/\d+ clusters$|Leaving filesystem unchanged)")]
    private static partial Regex Harmless();
}

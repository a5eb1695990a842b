// The host's own FAT tools on an image file: mkfs.fat, fsck.fat, mtools.
//
// Rules: one folder for each test, removed at its end. A tool that is missing or fails is a failed
// test.

using System;
using System.IO;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Disks;
using Tests.Rig;

namespace Tests.Unit.Servers.FatFs;

internal sealed class HostTools : IDisposable
{
    private const string SystemFolder = "/usr/sbin/";

    public HostTools()
    {
        Folder = Directory.CreateTempSubdirectory("cosmos-fat-").FullName;
        Image = Path.Combine(Folder, "disk.img");
    }

    public string Folder { get; }
    public string Image { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string Make(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public Task Mkfs(long kilobytes, params string[] options) => Must(
        SystemFolder + "mkfs.fat", [.. options, "-C", Image, $"{kilobytes}"]);

    public Task Mtool(string tool, params string[] arguments) =>
        Must(tool, ["-i", Image, .. arguments]);

    public async Task<string> Read(string tool, params string[] arguments) =>
        (await Must(tool, ["-i", Image, .. arguments])).Output;

    /// <summary>Saves the disk, and lets fsck.fat say that nothing is wrong with it.</summary>
    public async Task RequireGood(SparseDisk disk, string when)
    {
        disk.Save(Image);
        ToolResult result = await Tool.Run(SystemFolder + "fsck.fat", ["-n", "-v", Image]);
        Assert.That(result.ExitCode, Is.Zero, $"{when}: {result.Output}");
        foreach (string word in (string[])["differ", "orphan", "Reclaim", "Dirty bit", "wrong"])
        {
            Assert.That(result.Output, Does.Not.Contain(word).IgnoreCase, when);
        }
    }

    private static async Task<ToolResult> Must(string program, string[] arguments)
    {
        ToolResult result = await Tool.Run(program, arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{program}: {result.Output}");
        return result;
    }
}

// What is so on CosmosKernel and not elsewhere: what has no meaning here is refused, and the
// process goes on.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Linq;
using System.Runtime.Versioning;
using System.Threading;

namespace Servers.Programs.FsTest.Cases;

[SupportedOSPlatform("linux")]
internal static class GuestCases
{
    public static IEnumerable<Case> All() =>
    [
        new("no-links", NoLinks), new("no-modes", NoModes), new("no-maps", NoMaps),
        new("no-watcher", NoWatcher), new("no-children", NoChildren), new("no-regions", NoRegions),
        new("drives", Drives), new("null-device", NullDevice), new("console", _ => Terminal()),
    ];

    private static void NoLinks(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        Check.Throws<IOException>(
            () => File.CreateSymbolicLink(Path.Combine(folder, "link"), path));
        Check.That(new FileInfo(path).LinkTarget is null);
        Check.That(File.ResolveLinkTarget(path, returnFinalTarget: true) is null);
    }

    private static void NoModes(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        Check.Throws<IOException>(() => File.SetUnixFileMode(path, UnixFileMode.None));
        Check.Throws<IOException>(() => File.SetAttributes(path, FileAttributes.ReadOnly));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void NoMaps(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllBytes(path, new byte[5000]);
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path);
        Check.Throws<IOException>(() => file.CreateViewAccessor());
    }

    private static void NoWatcher(string folder)
    {
        using FileSystemWatcher watcher = new(folder);
        Check.Throws<IOException>(() => watcher.EnableRaisingEvents = true);
    }

    private static void NoChildren(string folder)
    {
        string path = Path.Combine(folder, "program");
        File.WriteAllText(path, "#!");
        Check.Throws<System.ComponentModel.Win32Exception>(() => Process.Start(path));
    }

    private static void NoRegions(string folder)
    {
        using FileStream stream = File.Create(Path.Combine(folder, "file"));
        Check.Throws<IOException>(() => stream.Lock(0, 10));
    }

    private static void Drives(string folder)
    {
        DriveInfo root = DriveInfo.GetDrives().Single(drive => drive.Name == "/");
        Check.That(root.IsReady && root.TotalSize > 0 && root.AvailableFreeSpace > 0);
        Check.Equal(root.DriveFormat, "memfs");
    }

    private static void NullDevice(string folder)
    {
        File.WriteAllText("/dev/null", "gone");
        Check.Equal(File.ReadAllText("/dev/null"), "");
    }

    private static void Terminal()
    {
        Check.That(Console.IsInputRedirected);
        Check.Throws<InvalidOperationException>(() => Console.ReadKey());
        Check.That(Console.IsOutputRedirected || Console.WindowWidth is > 0 and < 1_000);
        Console.Out.Flush();
        Thread.Yield();
    }
}

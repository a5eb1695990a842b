// Directories: make, list, remove, current directory.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Servers.Programs.FsTest.Cases;

internal static class DirectoryCases
{
    public static IEnumerable<Case> All() =>
    [
        new("make", Make), new("list", List), new("recursive", Recursive), new("many", Many),
        new("remove", Remove), new("remove-while-listing", RemoveWhileListing),
        new("current-directory", CurrentDirectory), new("temporary", Temporary),
        new("infos", Infos),
    ];

    private static void Make(string folder)
    {
        string deep = Path.Combine(folder, "a", "b", "c");
        DirectoryInfo made = Directory.CreateDirectory(deep);
        Check.That(made.Exists && Directory.Exists(deep) && !File.Exists(deep));
        Directory.CreateDirectory(deep);
        string file = Path.Combine(folder, "file");
        File.WriteAllText(file, "x");
        Check.Throws<IOException>(() => Directory.CreateDirectory(file));
        Check.That(!Directory.Exists(file));
        Check.Equal(Directory.GetParent(deep)!.Name, "b");
    }

    private static void List(string folder)
    {
        foreach (string name in new[] { "a.txt", "b.txt", "c.bin" })
        {
            File.WriteAllText(Path.Combine(folder, name), name);
        }
        Directory.CreateDirectory(Path.Combine(folder, "sub.txt"));
        Check.Names(Leaves(Directory.EnumerateFiles(folder)), "a.txt", "b.txt", "c.bin");
        Check.Names(Leaves(Directory.EnumerateFiles(folder, "*.txt")), "a.txt", "b.txt");
        Check.Names(Leaves(Directory.EnumerateDirectories(folder)), "sub.txt");
        Check.Names(
            Leaves(Directory.GetFileSystemEntries(folder, "?.*")), "a.txt", "b.txt", "c.bin");
        Check.Throws<DirectoryNotFoundException>(
            () => Directory.GetFiles(Path.Combine(folder, "nowhere")));
        Check.Throws<DirectoryNotFoundException>(
            () => Directory.GetFiles(Path.Combine(folder, "a.txt")));
    }

    private static void Recursive(string folder)
    {
        for (int i = 0; i < 3; i++)
        {
            string sub = Path.Combine(folder, $"d{i}", "inner");
            Directory.CreateDirectory(sub);
            File.WriteAllText(Path.Combine(sub, "f"), "x");
        }
        string[] all = Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories);
        Check.Equal(all.Length, 9);
        EnumerationOptions options = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };
        Check.Equal(Directory.GetDirectories(folder, "*", options).Length, 6);
    }

    private static void Many(string folder)
    {
        const int Count = 300;
        for (int i = 0; i < Count; i++) File.WriteAllBytes(Path.Combine(folder, $"file-{i}"), []);
        List<string> seen = [.. Leaves(Directory.EnumerateFiles(folder))];
        Check.Equal(seen.Count, Count);
        Check.Equal(seen.Distinct().Count(), Count);
    }

    private static void Remove(string folder)
    {
        string full = Path.Combine(folder, "full");
        Directory.CreateDirectory(Path.Combine(full, "x", "y"));
        File.WriteAllText(Path.Combine(full, "x", "file"), "x");
        Check.Throws<IOException>(() => Directory.Delete(full));
        Directory.Delete(full, recursive: true);
        Check.That(!Directory.Exists(full));
        Check.Throws<DirectoryNotFoundException>(() => Directory.Delete(full));
    }

    private static void RemoveWhileListing(string folder)
    {
        for (int i = 0; i < 50; i++) File.WriteAllBytes(Path.Combine(folder, $"file-{i}"), []);
        foreach (string path in Directory.EnumerateFiles(folder)) File.Delete(path);
        Check.Names(Leaves(Directory.EnumerateFileSystemEntries(folder)));
    }

    private static void CurrentDirectory(string folder)
    {
        string before = Environment.CurrentDirectory;
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        Environment.CurrentDirectory = folder;
        try
        {
            Check.Equal(Directory.GetCurrentDirectory(), folder);
            File.WriteAllText("relative", "x");
            Check.That(File.Exists(Path.Combine(folder, "relative")));
            Check.Equal(Path.GetFullPath("sub/../relative"), Path.Combine(folder, "relative"));
            Directory.SetCurrentDirectory("sub");
            Check.Equal(File.ReadAllText("../relative"), "x");
            Check.Throws<DirectoryNotFoundException>(
                () => Directory.SetCurrentDirectory("nowhere"));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static void Temporary(string folder)
    {
        string file = Path.GetTempFileName();
        Check.That(File.Exists(file));
        File.Delete(file);
        DirectoryInfo made = Directory.CreateTempSubdirectory("fstest-");
        Check.That(made.Exists);
        made.Delete();
    }

    private static void Infos(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "file"), "12345");
        DirectoryInfo sub = new DirectoryInfo(folder).CreateSubdirectory("sub");
        FileSystemInfo[] infos = new DirectoryInfo(folder).GetFileSystemInfos();
        Check.Names(infos.Select(info => info.Name), "file", "sub");
        FileInfo file = infos.OfType<FileInfo>().Single();
        Check.Equal(file.Length, 5L);
        Check.Equal(file.DirectoryName, folder);
        Check.That(infos.OfType<DirectoryInfo>().Single().Attributes
            .HasFlag(FileAttributes.Directory));
        sub.Delete();
        sub.Refresh();
        Check.That(!sub.Exists);
    }

    private static IEnumerable<string> Leaves(IEnumerable<string> paths) =>
        paths.Select(path => Path.GetFileName(path));
}

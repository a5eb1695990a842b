// What is told of files: lengths, times, attributes.

using System;
using System.Collections.Generic;
using System.IO;

namespace Servers.Programs.FsTest.Cases;

internal static class InfoCases
{
    /// <summary>FAT keeps times in steps of two seconds.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    public static IEnumerable<Case> All() =>
    [
        new("file-info", Info), new("times", Times), new("time-of-write", TimeOfWrite),
        new("attributes", Attributes), new("paths", Paths),
    ];

    private static void Info(string folder)
    {
        FileInfo info = new(Path.Combine(folder, "file.txt"));
        Check.That(!info.Exists);
        Check.Throws<FileNotFoundException>(() => Check.Equal(info.Length, 0));
        using (StreamWriter writer = info.CreateText()) writer.Write("12345");
        info.Refresh();
        Check.That(info.Exists);
        Check.Equal(info.Length, 5L);
        Check.Equal(info.Extension, ".txt");
        info.MoveTo(Path.Combine(folder, "moved"));
        Check.Equal(info.Name, "moved");
        FileInfo copy = info.CopyTo(Path.Combine(folder, "copy"));
        Check.Equal(copy.Length, 5L);
        info.Delete();
        Check.That(!File.Exists(info.FullName) && copy.Exists);
    }

    private static void Times(string folder)
    {
        DateTime time = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        File.SetLastWriteTimeUtc(path, time);
        Check.Equal(File.GetLastWriteTimeUtc(path), time);
        Check.Equal(new FileInfo(path).LastWriteTimeUtc, time);
        string sub = Path.Combine(folder, "sub");
        Directory.CreateDirectory(sub);
        Directory.SetLastWriteTimeUtc(sub, time);
        Check.Equal(Directory.GetLastWriteTimeUtc(sub), time);
        Check.Equal(
            File.GetLastWriteTimeUtc(Path.Combine(folder, "no")), DateTime.FromFileTimeUtc(0));
        using FileStream open = File.OpenWrite(path);
        File.SetLastWriteTimeUtc(open.SafeFileHandle, time.AddYears(1));
        Check.Equal(File.GetLastWriteTimeUtc(open.SafeFileHandle), time.AddYears(1));
    }

    private static void TimeOfWrite(string folder)
    {
        string path = Path.Combine(folder, "file");
        DateTime before = DateTime.UtcNow;
        File.WriteAllText(path, "x");
        DateTime written = File.GetLastWriteTimeUtc(path);
        Check.That(written >= before - Step && written <= DateTime.UtcNow + Step);
    }

    private static void Attributes(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        FileAttributes attributes = File.GetAttributes(path);
        Check.That(!attributes.HasFlag(FileAttributes.Directory));
        Check.That(!attributes.HasFlag(FileAttributes.ReadOnly));
        Check.That(File.GetAttributes(folder).HasFlag(FileAttributes.Directory));
        Check.That(!new FileInfo(path).IsReadOnly);
        File.SetAttributes(path, FileAttributes.Normal);
        Check.Throws<FileNotFoundException>(
            () => File.GetAttributes(Path.Combine(folder, "nowhere")));
    }

    private static void Paths(string folder)
    {
        string path = Path.Combine(folder, "a", "..", "b");
        Check.Equal(Path.GetFullPath(path), Path.Combine(folder, "b"));
        File.WriteAllText(Path.Combine(folder, ".", "b"), "x");
        Check.That(File.Exists(path));
        Check.That(!File.Exists(Path.Combine(folder, "b") + "/"));
        Check.That(Directory.Exists(folder + "/"));
        Check.Equal(Path.GetRelativePath(folder, Path.Combine(folder, "x", "y")), "x/y");
    }
}

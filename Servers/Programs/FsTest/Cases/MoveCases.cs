// Move, copy, replace.

using System;
using System.Collections.Generic;
using System.IO;

namespace Servers.Programs.FsTest.Cases;

internal static class MoveCases
{
    public static IEnumerable<Case> All() =>
    [
        new("move", Move), new("move-over", MoveOver), new("move-directory", MoveDirectory),
        new("copy", Copy), new("replace", Replace),
    ];

    private static void Move(string folder)
    {
        string source = Make(folder, "source", "content");
        string sub = Path.Combine(folder, "sub");
        Directory.CreateDirectory(sub);
        string target = Path.Combine(sub, "target");
        File.Move(source, target);
        Check.That(!File.Exists(source));
        Check.Equal(File.ReadAllText(target), "content");
        Check.Throws<FileNotFoundException>(() => File.Move(source, target));
        Check.Throws<DirectoryNotFoundException>(
            () => File.Move(target, Path.Combine(folder, "nowhere", "x")));
        File.Move(target, target);
        Check.That(File.Exists(target));
    }

    private static void MoveOver(string folder)
    {
        string source = Make(folder, "source", "new"), target = Make(folder, "target", "old");
        Check.Throws<IOException>(() => File.Move(source, target));
        Check.Equal(File.ReadAllText(target), "old");
        Check.Equal(File.ReadAllText(source), "new");
        File.Move(source, target, overwrite: true);
        Check.Equal(File.ReadAllText(target), "new");
        Check.That(!File.Exists(source));
    }

    private static void MoveDirectory(string folder)
    {
        string source = Path.Combine(folder, "source"), target = Path.Combine(folder, "target");
        Directory.CreateDirectory(Path.Combine(source, "inner"));
        Make(Path.Combine(source, "inner"), "file", "deep");
        Directory.Move(source, target);
        Check.That(!Directory.Exists(source));
        Check.Equal(File.ReadAllText(Path.Combine(target, "inner", "file")), "deep");
        Directory.CreateDirectory(source);
        Check.Throws<IOException>(() => Directory.Move(source, target));
        Check.Throws<IOException>(
            () => Directory.Move(target, Path.Combine(target, "inner", "again")));
        Check.Throws<DirectoryNotFoundException>(
            () => Directory.Move(Path.Combine(folder, "nowhere"), Path.Combine(folder, "x")));
    }

    private static void Copy(string folder)
    {
        byte[] bytes = Check.Bytes(200_001);
        string source = Path.Combine(folder, "source"), target = Path.Combine(folder, "target");
        File.WriteAllBytes(source, bytes);
        DateTime time = new(2020, 2, 20, 10, 20, 30, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(source, time);
        File.Copy(source, target);
        Check.Same(File.ReadAllBytes(target), bytes);
        Check.Equal(File.GetLastWriteTimeUtc(target), time);
        Check.Throws<IOException>(() => File.Copy(source, target));
        File.WriteAllText(source, "shorter");
        File.Copy(source, target, overwrite: true);
        Check.Equal(File.ReadAllText(target), "shorter");
        Check.Throws<FileNotFoundException>(
            () => File.Copy(Path.Combine(folder, "nowhere"), target, overwrite: true));
        Check.Throws<IOException>(() => File.Copy(source, source));
    }

    private static void Replace(string folder)
    {
        string source = Make(folder, "source", "new"), target = Make(folder, "target", "old");
        string backup = Path.Combine(folder, "backup");
        File.Replace(source, target, backup);
        Check.Equal(File.ReadAllText(target), "new");
        Check.Equal(File.ReadAllText(backup), "old");
        Check.That(!File.Exists(source));
        File.Replace(Make(folder, "source", "newer"), target, null);
        Check.Equal(File.ReadAllText(target), "newer");
        Check.Throws<FileNotFoundException>(() => File.Replace(source, target, null));
    }

    private static string Make(string folder, string name, string content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}

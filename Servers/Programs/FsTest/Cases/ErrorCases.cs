// What cannot be done, and the exception that says so.

using System;
using System.Collections.Generic;
using System.IO;

namespace Servers.Programs.FsTest.Cases;

internal static class ErrorCases
{
    private const int LongestPathBytes = 4096, LongestNameBytes = 255;

    public static IEnumerable<Case> All() =>
    [
        new("missing", Missing), new("directory-as-file", DirectoryAsFile),
        new("file-as-directory", FileAsDirectory), new("too-long", TooLong),
        new("closed", Closed), new("bad-arguments", BadArguments),
    ];

    private static void Missing(string folder)
    {
        string path = Path.Combine(folder, "nowhere");
        Check.Throws<FileNotFoundException>(() => File.ReadAllText(path));
        Check.Throws<DirectoryNotFoundException>(
            () => File.ReadAllText(Path.Combine(path, "file")));
        Check.Throws<DirectoryNotFoundException>(
            () => File.WriteAllText(Path.Combine(path, "file"), "x"));
        Check.That(!File.Exists(path) && !Directory.Exists(path) && !File.Exists(""));
    }

    private static void DirectoryAsFile(string folder)
    {
        Check.Throws<UnauthorizedAccessException>(() => File.ReadAllText(folder));
        Check.Throws<UnauthorizedAccessException>(() => File.WriteAllText(folder, "x"));
        Check.Throws<UnauthorizedAccessException>(() => File.Delete(folder));
        Check.That(Directory.Exists(folder));
    }

    private static void FileAsDirectory(string folder)
    {
        string file = Path.Combine(folder, "file");
        File.WriteAllText(file, "x");
        Check.That(!File.Exists(Path.Combine(file, "inner")));
        Throws(() => File.WriteAllText(Path.Combine(file, "inner"), "y"));
        Throws(() => Directory.CreateDirectory(Path.Combine(file, "inner")));
        Throws(() => Directory.Delete(file));
        Check.Equal(File.ReadAllText(file), "x");
    }

    private static void TooLong(string folder)
    {
        string name = Path.Combine(folder, new string('n', LongestNameBytes + 1));
        Check.Throws<PathTooLongException>(() => File.WriteAllText(name, "x"));
        string path = folder;
        while (path.Length <= LongestPathBytes) path = Path.Combine(path, new string('p', 100));
        Check.Throws<PathTooLongException>(() => File.ReadAllText(path));
        Check.That(!File.Exists(path));
    }

    private static void Closed(string folder)
    {
        FileStream stream = File.Create(Path.Combine(folder, "file"));
        stream.Dispose();
        stream.Dispose();
        Check.Throws<ObjectDisposedException>(() => stream.WriteByte(1));
        Check.That(!stream.CanRead);
    }

    private static void BadArguments(string folder)
    {
        Check.Throws<ArgumentException>(() => File.ReadAllText(""));
        Check.Throws<ArgumentException>(() => File.ReadAllText("a\0b"));
        Check.Throws<ArgumentOutOfRangeException>(
            () => File.Open(Path.Combine(folder, "x"), (FileMode)77));
    }

    /// <summary>An IOException of any kind.</summary>
    private static void Throws(Action work)
    {
        try
        {
            work();
        }
        catch (IOException)
        {
            return;
        }
        throw new CheckException("no IOException");
    }
}

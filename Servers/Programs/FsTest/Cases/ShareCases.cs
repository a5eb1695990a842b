// FileShare: advisory locks between those who open through .NET.

using System;
using System.Collections.Generic;
using System.IO;

namespace Servers.Programs.FsTest.Cases;

internal static class ShareCases
{
    public static IEnumerable<Case> All() =>
    [
        new("share-none", None), new("share-read", Read), new("share-write", Write),
        new("share-again", Again),
    ];

    private static void None(string folder)
    {
        string path = Path.Combine(folder, "file");
        using FileStream first = Open(path, FileAccess.ReadWrite, FileShare.None);
        Check.Throws<IOException>(() => Open(path, FileAccess.Read, FileShare.Read));
        Check.Throws<IOException>(() => Open(path, FileAccess.Write, FileShare.None));
    }

    private static void Read(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        using FileStream first = Open(path, FileAccess.Read, FileShare.Read);
        using FileStream second = Open(path, FileAccess.Read, FileShare.Read);
        Check.Throws<IOException>(() => Open(path, FileAccess.Read, FileShare.None));
    }

    private static void Write(string folder)
    {
        string path = Path.Combine(folder, "file");
        using FileStream first = Open(path, FileAccess.ReadWrite, FileShare.ReadWrite);
        using FileStream second = Open(path, FileAccess.ReadWrite, FileShare.ReadWrite);
        first.WriteByte(7);
        first.Flush();
        Check.Equal(second.ReadByte(), 7);
    }

    private static void Again(string folder)
    {
        string path = Path.Combine(folder, "file");
        for (int i = 0; i < 20; i++) Open(path, FileAccess.Write, FileShare.None).Dispose();
        Check.That(File.Exists(path));
    }

    private static FileStream Open(string path, FileAccess access, FileShare share) =>
        new(path, FileMode.OpenOrCreate, access, share);
}

// Whole files: what is written is read again.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Servers.Programs.FsTest.Cases;

internal static class ContentCases
{
    private const int LargeBytes = 1024 * 1024 + 17;

    public static IEnumerable<Case> All() =>
    [
        new("text", Text), new("empty", Empty), new("large", Large), new("append", Append),
        new("lines", Lines), new("replace-content", ReplaceContent), new("binary", Binary),
        new("names", Names), new("delete", Delete),
    ];

    private static void Text(string folder)
    {
        string path = Path.Combine(folder, "text");
        File.WriteAllText(path, "hello, w\u00f6rld \u20ac \U0001F600\n");
        Check.Equal(File.ReadAllText(path), "hello, w\u00f6rld \u20ac \U0001F600\n");
        Check.Equal(new FileInfo(path).Length, 23L);
        File.WriteAllText(path, "utf-16", Encoding.Unicode);
        Check.Equal(File.ReadAllText(path), "utf-16");
    }

    private static void Empty(string folder)
    {
        string path = Path.Combine(folder, "empty");
        File.WriteAllBytes(path, []);
        Check.Equal(File.ReadAllBytes(path).Length, 0);
        Check.Equal(File.ReadAllText(path), "");
        Check.That(File.Exists(path));
    }

    private static void Large(string folder)
    {
        string path = Path.Combine(folder, "large");
        byte[] bytes = Check.Bytes(LargeBytes);
        File.WriteAllBytes(path, bytes);
        Check.Same(File.ReadAllBytes(path), bytes);
    }

    private static void Append(string folder)
    {
        string path = Path.Combine(folder, "log");
        for (int i = 0; i < 20; i++) File.AppendAllText(path, $"line {i}\n");
        Check.Equal(File.ReadLines(path).Count(), 20);
        Check.Equal(File.ReadLines(path).Last(), "line 19");
        File.AppendAllBytes(path, [65, 66]);
        Check.That(File.ReadAllText(path).EndsWith("\nAB"));
    }

    private static void Lines(string folder)
    {
        string path = Path.Combine(folder, "lines");
        File.WriteAllLines(path, ["one", "two", "", "four"]);
        Check.Equal(string.Join('|', File.ReadAllLines(path)), "one|two||four");
        using StreamReader reader = new(path);
        Check.Equal(reader.ReadLine(), "one");
        Check.Equal(reader.ReadToEnd(), "two\n\nfour\n");
        Check.That(reader.EndOfStream);
    }

    private static void ReplaceContent(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, new string('x', 10_000));
        File.WriteAllText(path, "short");
        Check.Equal(File.ReadAllText(path), "short");
    }

    private static void Binary(string folder)
    {
        string path = Path.Combine(folder, "binary");
        using (BinaryWriter writer = new(File.Create(path)))
        {
            writer.Write(42);
            writer.Write("text");
            writer.Write(2.5);
        }
        using BinaryReader reader = new(File.OpenRead(path));
        Check.Equal(reader.ReadInt32(), 42);
        Check.Equal(reader.ReadString(), "text");
        Check.Equal(reader.ReadDouble(), 2.5);
        Check.Throws<EndOfStreamException>(() => reader.ReadByte());
    }

    private static void Names(string folder)
    {
        string[] names =
            ["a b", "\u00fcnic\u00f6de", "UPPER", ".hidden", "x.tar.gz", "\u65e5\u672c"];
        foreach (string name in names) File.WriteAllText(Path.Combine(folder, name), name);
        Check.Names(Directory.GetFiles(folder).Select(path => Path.GetFileName(path)), names);
        foreach (string name in names)
        {
            Check.Equal(File.ReadAllText(Path.Combine(folder, name)), name);
        }
        string longest = new('n', 240);
        File.WriteAllText(Path.Combine(folder, longest), "long");
        Check.That(File.Exists(Path.Combine(folder, longest)));
    }

    private static void Delete(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "x");
        File.Delete(path);
        Check.That(!File.Exists(path));
        File.Delete(path);
        Check.Throws<DirectoryNotFoundException>(
            () => File.Delete(Path.Combine(folder, "nowhere", "file")));
    }
}

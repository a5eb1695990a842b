// FileStream and RandomAccess: modes, offsets, lengths.

using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace Servers.Programs.FsTest.Cases;

internal static class StreamCases
{
    private const int PageBytes = 4096;

    public static IEnumerable<Case> All() =>
    [
        new("modes", Modes), new("seek", Seek), new("length", Length), new("gap", Gap),
        new("append-mode", AppendMode), new("random-access", RandomAccessByOffset),
        new("changes-under-a-reader", ChangesUnderAReader),
        new("opens-what-was-replaced", OpensWhatWasReplaced),
        new("vectors", Vectors), new("flush", Flush), new("unbuffered", Unbuffered),
        new("preallocate", Preallocate), new("delete-on-close", DeleteOnClose),
        new("open-when-deleted", OpenWhenDeleted), new("open-when-moved", OpenWhenMoved),
    ];

    private static void Modes(string folder)
    {
        string path = Path.Combine(folder, "file");
        Check.Throws<FileNotFoundException>(() => File.Open(path, FileMode.Open));
        Check.Throws<FileNotFoundException>(() => File.Open(path, FileMode.Truncate));
        File.Open(path, FileMode.CreateNew).Dispose();
        Check.Throws<IOException>(() => File.Open(path, FileMode.CreateNew));
        File.WriteAllText(path, "12345");
        using (FileStream stream = File.Open(path, FileMode.OpenOrCreate))
        {
            Check.Equal(stream.Length, 5);
        }
        File.Open(path, FileMode.Truncate).Dispose();
        Check.Equal(new FileInfo(path).Length, 0L);
        File.WriteAllText(path, "12345");
        File.Create(path).Dispose();
        Check.Equal(new FileInfo(path).Length, 0L);
        using FileStream reader = File.OpenRead(path);
        Check.That(reader.CanRead && reader.CanSeek && !reader.CanWrite);
        Check.Throws<NotSupportedException>(() => reader.WriteByte(1));
    }

    private static void Seek(string folder)
    {
        byte[] bytes = Check.Bytes(3 * PageBytes);
        using FileStream stream = File.Create(Path.Combine(folder, "file"));
        stream.Write(bytes);
        Check.Equal(stream.Position, bytes.Length);
        stream.Seek(-PageBytes, SeekOrigin.End);
        Check.Equal(stream.ReadByte(), bytes[2 * PageBytes]);
        stream.Seek(9, SeekOrigin.Current);
        Check.Equal(stream.Position, 2 * PageBytes + 10);
        stream.Position = 1;
        byte[] read = new byte[PageBytes];
        stream.ReadExactly(read);
        Check.Same(read, bytes.AsSpan(1, PageBytes));
        stream.Position = bytes.Length + 5;
        Check.Equal(stream.Read(read), 0);
        Check.Equal(stream.ReadByte(), -1);
        Check.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
    }

    private static void Length(string folder)
    {
        string path = Path.Combine(folder, "file");
        using (FileStream stream = File.Create(path))
        {
            stream.Write([1, 2, 3, 4, 5]);
            stream.SetLength(3);
            Check.Equal(stream.Length, 3);
            Check.Equal(stream.Position, 3);
            stream.SetLength(6);
        }
        Check.Same(File.ReadAllBytes(path), [1, 2, 3, 0, 0, 0]);
    }

    private static void Gap(string folder)
    {
        string path = Path.Combine(folder, "file");
        using (FileStream stream = File.Create(path))
        {
            stream.WriteByte(1);
            stream.Position = 2 * PageBytes;
            stream.WriteByte(2);
        }
        byte[] expected = new byte[2 * PageBytes + 1];
        expected[0] = 1;
        expected[^1] = 2;
        Check.Same(File.ReadAllBytes(path), expected);
    }

    private static void AppendMode(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllText(path, "one ");
        using (FileStream stream = new(path, FileMode.Append))
        {
            Check.Equal(stream.Position, 4);
            stream.Write("two"u8);
            Check.Throws<IOException>(() => stream.Seek(0, SeekOrigin.Begin));
            Check.Throws<NotSupportedException>(() => stream.ReadByte());
        }
        Check.Equal(File.ReadAllText(path), "one two");
    }

    private static void RandomAccessByOffset(string folder)
    {
        string path = Path.Combine(folder, "file");
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(file, "hello"u8, 0);
        RandomAccess.Write(file, "WORLD"u8, 5);
        RandomAccess.Write(file, "L"u8, 3);
        byte[] read = new byte[20];
        Check.Equal(RandomAccess.Read(file, read, 0), 10);
        Check.Same(read.AsSpan(0, 10), "helLoWORLD"u8);
        Check.Equal(RandomAccess.Read(file, read, 8), 2);
        Check.Equal(RandomAccess.GetLength(file), 10L);
        RandomAccess.SetLength(file, 4);
        Check.Equal(RandomAccess.GetLength(file), 4L);
        RandomAccess.FlushToDisk(file);
    }

    private static void ChangesUnderAReader(string folder)
    {
        string path = Path.Combine(folder, "file");
        File.WriteAllBytes(path, Check.Bytes(PageBytes, 1));
        using SafeFileHandle reader = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] read = new byte[PageBytes];
        for (int round = 1; round <= 5; round++)
        {
            // Whoever reads the same again may have it from anywhere, until it is another.
            for (int i = 0; i < 5; i++) Check.Equal(RandomAccess.Read(reader, read, 0), PageBytes);
            Check.Same(read, Check.Bytes(PageBytes, round));
            using SafeFileHandle writer = File.OpenHandle(
                path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(writer, Check.Bytes(PageBytes, round + 1), 0);
        }
        using (FileStream cut = new(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite))
        {
            Check.Equal(RandomAccess.Read(reader, read, 0), 0);
        }
    }

    private static void OpensWhatWasReplaced(string folder)
    {
        string path = Path.Combine(folder, "file"), next = Path.Combine(folder, "next");
        for (int round = 1; round <= 5; round++)
        {
            File.WriteAllText(next, $"round {round}");
            File.Move(next, path, overwrite: true);
            // Whoever opens the same again may have it from anywhere, until it is another.
            for (int i = 0; i < 6; i++) Check.Equal(File.ReadAllText(path), $"round {round}");
            for (int i = 0; i < 6; i++) File.AppendAllText(path, "+");
            Check.Equal(File.ReadAllText(path), $"round {round}++++++");
        }
        File.Delete(path);
        Check.Throws<FileNotFoundException>(() => File.ReadAllText(path));
    }

    private static void Vectors(string folder)
    {
        using SafeFileHandle file = File.OpenHandle(
            Path.Combine(folder, "file"), FileMode.CreateNew, FileAccess.ReadWrite);
        byte[] first = Check.Bytes(3000, 1), second = Check.Bytes(100_000, 2);
        RandomAccess.Write(
            file, new ReadOnlyMemory<byte>[] { first, Array.Empty<byte>(), second }, 7);
        byte[] start = new byte[5000], rest = new byte[200_000];
        long read = RandomAccess.Read(file, new Memory<byte>[] { start, rest }, 7);
        Check.Equal(read, 103_000L);
        Check.Same(start.AsSpan(0, 3000), first);
        Check.Same(start.AsSpan(3000), second.AsSpan(0, 2000));
        Check.Same(rest.AsSpan(0, 98_000), second.AsSpan(2000));
    }

    private static void Flush(string folder)
    {
        string path = Path.Combine(folder, "file");
        using FileStream stream = new(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, PageBytes,
            FileOptions.WriteThrough);
        stream.Write("seen"u8);
        stream.Flush(flushToDisk: true);
        using FileStream reader = new(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader text = new(reader);
        Check.Equal(text.ReadToEnd(), "seen");
    }

    private static void Unbuffered(string folder)
    {
        string path = Path.Combine(folder, "file");
        using (FileStream stream = new(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
        {
            for (int i = 0; i < 200; i++) stream.WriteByte((byte)i);
            stream.Position = 100;
            Check.Equal(stream.ReadByte(), 100);
        }
        Check.Equal(File.ReadAllBytes(path).Length, 200);
    }

    private static void Preallocate(string folder)
    {
        string path = Path.Combine(folder, "file");
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = 100_000,
        };
        using (FileStream stream = new(path, options)) stream.Write("abc"u8);
        Check.Equal(File.ReadAllText(path)[..3], "abc");
    }

    private static void DeleteOnClose(string folder)
    {
        string path = Path.Combine(folder, "file");
        using (FileStream stream = new(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, PageBytes,
            FileOptions.DeleteOnClose))
        {
            stream.WriteByte(1);
            Check.That(File.Exists(path));
        }
        Check.That(!File.Exists(path));
    }

    private static void OpenWhenDeleted(string folder)
    {
        string path = Path.Combine(folder, "file");
        using FileStream stream = File.Create(path);
        stream.Write("still here"u8);
        stream.Flush();
        File.Delete(path);
        Check.That(!File.Exists(path));
        stream.Position = 0;
        Check.Equal(new StreamReader(stream).ReadToEnd(), "still here");
    }

    private static void OpenWhenMoved(string folder)
    {
        string path = Path.Combine(folder, "file"), target = Path.Combine(folder, "moved");
        using (FileStream stream = File.Create(path))
        {
            stream.Write("before "u8);
            stream.Flush();
            File.Move(path, target);
            stream.Write("after"u8);
        }
        Check.Equal(File.ReadAllText(target), "before after");
    }
}

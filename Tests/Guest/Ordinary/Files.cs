// Files of a mount that goes, is full, or may not be written.

using System;
using System.IO;
using System.Text;
using System.Threading;

namespace Tests.Guest.Ordinary;

internal sealed class Files(string path)
{
    private const int ChunkBytes = 64 * 1024, MaxChunks = 2_000, WaitMs = 50;

    /// <summary>Keeps a file open, waits for another, and uses the first in every way.</summary>
    public int UseWhenRevoked(string sign)
    {
        using FileStream stream = new(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        stream.Write("before"u8);
        Console.WriteLine("ready");
        while (!File.Exists(sign)) Thread.Sleep(WaitMs);
        stream.Position = 0;
        Say("read", () => stream.ReadByte());
        Say("write", () => stream.WriteByte(1));
        Say("length", () => Console.WriteLine(stream.Length));
        Say("set length", () => stream.SetLength(0));
        Say("flush", () => stream.Flush(flushToDisk: true));
        Say("open", () => File.OpenRead(path).Dispose());
        return 0;
    }

    /// <summary>Writes until the volume is full, and makes room again.</summary>
    public int FillVolume()
    {
        byte[] chunk = new byte[ChunkBytes];
        int chunks = 0;
        using (FileStream stream = File.Create(path))
        {
            Say("fill", () =>
            {
                for (; chunks < MaxChunks; chunks++) stream.Write(chunk);
            });
        }
        long length = new FileInfo(path).Length;
        Console.WriteLine($"whole chunks: {length >= (long)chunks * ChunkBytes && chunks > 10}");
        Say("reserve", () => new FileStream(path + ".2", new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write,
            PreallocationSize = (long)MaxChunks * ChunkBytes,
        }).Dispose());
        File.Delete(path);
        File.WriteAllBytes(path, chunk);
        Console.WriteLine($"again: {new FileInfo(path).Length}");
        File.Delete(path);
        return 0;
    }

    /// <summary>Writes each line by itself, and waits to be killed.</summary>
    public int WriteLines(int count)
    {
        using FileStream stream = new(
            path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 0);
        for (int i = 1; i <= count; i++) stream.Write(Encoding.ASCII.GetBytes($"line {i}\n"));
        Console.WriteLine("written");
        Thread.Sleep(Timeout.Infinite);
        return 1;
    }

    public int UseReadOnly()
    {
        Say("write", () => File.WriteAllText(path, "x"));
        Say("make", () => File.WriteAllText(path + ".new", "x"));
        Say("delete", () => File.Delete(path));
        Say("directory", () => Directory.CreateDirectory(path + ".directory"));
        Say("move", () => File.Move(path, path + ".moved"));
        Say("read", () => Console.WriteLine(File.ReadAllText(path).Length));
        return 0;
    }

    private static void Say(string what, Action work)
    {
        try
        {
            work();
            Console.WriteLine($"{what}: done");
        }
        catch (Exception exception)
        {
            string message = exception.Message.ReplaceLineEndings(" ");
            Console.WriteLine($"{what}: {exception.GetType().Name}: {message}");
        }
    }
}

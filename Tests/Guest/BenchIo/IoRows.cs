// The operations, as a program writes them: streams without a buffer of their own.

using System;
using System.IO;

namespace Tests.Guest.BenchIo;

/// <param name="row">The only one to measure, or null for all.</param>
internal sealed class IoRows(string directory, int count, string? row)
{
    private const int SmallBytes = 4096, LargeBytes = 1 << 20, StepBytes = 128 << 10;
    private const int Entries = 100;

    private readonly string _small = Path.Combine(directory, "f4k");
    private readonly string _large = Path.Combine(directory, "f1m");
    private readonly string _fresh = Path.Combine(directory, "fresh");
    private readonly string _hundred = Path.Combine(directory, "d100");
    private readonly byte[] _bytes = new byte[StepBytes];
    private readonly Stopwatches _timed = new(row);

    public void Run()
    {
        Prepare();
        _timed.Run("stat", count, Describe);
        _timed.Run(
            "open+close", count, () => Open(_small, FileMode.Open, FileAccess.Read).Dispose());
        using FileStream small = Open(_small, FileMode.Open, FileAccess.ReadWrite);
        _timed.Run("read 4 KiB", count, () => Read(small, SmallBytes, SmallBytes));
        _timed.Run("write 4 KiB", count, () => Write(small, SmallBytes, SmallBytes));
        _timed.Run("create+unlink", count, CreateAndDelete);
        _timed.Run("list 100", count / 4, List);
        using FileStream large = Open(_large, FileMode.Open, FileAccess.ReadWrite);
        _timed.Run("read 1 MiB", count / 20, () => Read(large, LargeBytes, StepBytes));
        _timed.Run("write 1 MiB", count / 20, () => Write(large, LargeBytes, StepBytes));
    }

    private void Prepare()
    {
        _bytes.AsSpan().Fill((byte)'x');
        using FileStream small = Open(_small, FileMode.Create, FileAccess.Write);
        Write(small, SmallBytes, SmallBytes);
        using FileStream large = Open(_large, FileMode.Create, FileAccess.Write);
        Write(large, LargeBytes, StepBytes);
        Directory.CreateDirectory(_hundred);
        for (int i = 0; i < Entries; i++)
            File.WriteAllBytes(Path.Combine(_hundred, $"entry{i:D3}"), []);
    }

    private void Describe()
    {
        long length = new FileInfo(_small).Length;
        if (length != SmallBytes) throw new InvalidDataException($"{length} bytes long");
    }

    private void CreateAndDelete()
    {
        Open(_fresh, FileMode.CreateNew, FileAccess.Write).Dispose();
        File.Delete(_fresh);
    }

    private void List()
    {
        int seen = 0;
        foreach (string _ in Directory.EnumerateFileSystemEntries(_hundred)) seen++;
        if (seen != Entries) throw new InvalidDataException($"{seen} entries");
    }

    private void Read(FileStream stream, int lengthBytes, int stepBytes)
    {
        stream.Position = 0;
        for (int done = 0; done < lengthBytes; done += stepBytes)
            stream.ReadExactly(_bytes, 0, stepBytes);
    }

    private void Write(FileStream stream, int lengthBytes, int stepBytes)
    {
        stream.Position = 0;
        for (int done = 0; done < lengthBytes; done += stepBytes)
            stream.Write(_bytes, 0, stepBytes);
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access) =>
        new(path, mode, access, FileShare.ReadWrite, bufferSize: 0);
}

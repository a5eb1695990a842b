// Files used asynchronously, and by several threads.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Servers.Programs.FsTest.Cases;

internal static class AsyncCases
{
    public static IEnumerable<Case> All() =>
    [
        new("async", folder => Async(folder).GetAwaiter().GetResult()),
        new("async-copy", folder => AsyncCopy(folder).GetAwaiter().GetResult()),
        new("cancelled", folder => Cancelled(folder).GetAwaiter().GetResult()),
        new("threads", Threads),
    ];

    private static async Task Async(string folder)
    {
        string path = Path.Combine(folder, "file");
        await File.WriteAllTextAsync(path, "first\n");
        await File.AppendAllTextAsync(path, "second\n");
        Check.Equal(await File.ReadAllTextAsync(path), "first\nsecond\n");
        int lines = 0;
        await foreach (string line in File.ReadLinesAsync(path)) lines += line.Length > 0 ? 1 : 0;
        Check.Equal(lines, 2);
    }

    private static async Task AsyncCopy(string folder)
    {
        byte[] bytes = Check.Bytes(300_000);
        string source = Path.Combine(folder, "source"), target = Path.Combine(folder, "target");
        await File.WriteAllBytesAsync(source, bytes);
        await using (FileStream from = Open(source, FileMode.Open))
        await using (FileStream to = Open(target, FileMode.CreateNew))
        {
            await from.CopyToAsync(to);
            await to.FlushAsync();
        }
        Check.Same(await File.ReadAllBytesAsync(target), bytes);
    }

    private static async Task Cancelled(string folder)
    {
        await using FileStream stream = Open(Path.Combine(folder, "file"), FileMode.CreateNew);
        using CancellationTokenSource source = new();
        source.Cancel();
        try
        {
            await stream.WriteAsync(new byte[10], source.Token);
        }
        catch (OperationCanceledException)
        {
            Check.Equal(stream.Length, 0L);
            return;
        }
        throw new CheckException("not cancelled");
    }

    private static void Threads(string folder)
    {
        List<Thread> threads = [];
        int failures = 0;
        for (int i = 0; i < 4; i++)
        {
            int number = i;
            Thread thread = new(() =>
            {
                string path = Path.Combine(folder, $"file-{number}");
                byte[] bytes = Check.Bytes(50_000, number);
                for (int round = 0; round < 5; round++)
                {
                    File.WriteAllBytes(path, bytes);
                    bool isSame = File.ReadAllBytes(path).SequenceEqual(bytes);
                    if (!isSame) Interlocked.Increment(ref failures);
                }
            });
            thread.Start();
            threads.Add(thread);
        }
        foreach (Thread thread in threads) thread.Join();
        Check.Equal(failures, 0);
    }

    private static FileStream Open(string path, FileMode mode) => new(
        path, mode, FileAccess.ReadWrite, FileShare.Read, 4096, FileOptions.Asynchronous);
}

// Clients: one reads at random, one writes to files of its own. Either a call each millisecond, so
// that what is measured beside them is not the wait for the processor, or as fast as they can.
//
// Rules: every byte is compared; the first wrong answer is kept, and ends the work.

using System;
using System.Collections.Generic;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal enum Pace { EachMillisecond, Unlimited }

[Flags]
internal enum Clients { Reader = 1, Writer = 2, Both = Reader | Writer }

internal sealed class Load : IDisposable
{
    /// <summary>The first files are written to, the others are read.</summary>
    public const int WrittenFiles = 20;
    private const int ReadFiles = 64;

    private readonly BenchMount _mount;
    private readonly Pace _pace;
    private readonly List<Thread> _threads = [];
    private volatile bool _isEnding;
    private long _operations;
    private long _longestNs;
    private string? _problem;

    public Load(BenchMount mount, Pace pace, Clients clients)
    {
        _mount = mount;
        _pace = pace;
        if (clients.HasFlag(Clients.Reader)) _threads.Add(new Thread(() => Work(Read)));
        if (clients.HasFlag(Clients.Writer)) _threads.Add(new Thread(() => Work(Write)));
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Calls that were answered right.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>The longest that one operation took since the last time this was asked.</summary>
    public ulong TakeLongestNs() => (ulong)Interlocked.Exchange(ref _longestNs, 0);

    public void Check()
    {
        if (_problem is { } problem) throw new BenchException(problem);
    }

    public void Dispose()
    {
        _isEnding = true;
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Work(Action work)
    {
        try
        {
            work();
        }
        catch (BenchException problem)
        {
            _problem = problem.Message;
        }
    }

    private void Read()
    {
        Random random = new(1);
        RemoteFile[] files = new RemoteFile[ReadFiles];
        byte[] bytes = new byte[BenchMount.FileBytes];
        for (int i = 0; i < files.Length; i++)
        {
            files[i] = _mount.Open(WrittenFiles + i, OpenMode.Read);
        }
        while (!_isEnding)
        {
            int file = random.Next(ReadFiles);
            ulong startNs = _mount.NowNs;
            BenchMount.Check(files[file], WrittenFiles + file, bytes);
            NoteAndRest(startNs);
        }
        foreach (RemoteFile file in files) file.Dispose();
    }

    private void Write()
    {
        Random random = new(2);
        RemoteFile[] files = new RemoteFile[WrittenFiles];
        byte[] bytes = new byte[BenchMount.FileBytes];
        for (int i = 0; i < files.Length; i++) files[i] = _mount.Open(i, OpenMode.Write);
        while (!_isEnding)
        {
            int file = random.Next(WrittenFiles);
            bytes.AsSpan().Fill(BenchMount.ByteOf(file));
            ulong startNs = _mount.NowNs;
            files[file].Offset = 0;
            BenchMount.Require(files[file].Write(bytes).Status, "write");
            NoteAndRest(startNs);
        }
        foreach (RemoteFile file in files) file.Dispose();
    }

    private void NoteAndRest(ulong startNs)
    {
        Interlocked.Increment(ref _operations);
        long took = (long)(_mount.NowNs - startNs);
        long before = Volatile.Read(ref _longestNs);
        while (took > before)
        {
            long seen = Interlocked.CompareExchange(ref _longestNs, took, before);
            if (seen == before) break;
            before = seen;
        }
        if (_pace == Pace.EachMillisecond) Thread.Sleep(1);
    }
}

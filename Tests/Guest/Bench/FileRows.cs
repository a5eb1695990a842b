// What a program's operations on files cost: through Vfs and a memfs, with the SDK's client.
//
// The rows have the names of Tests/Benchmarks/Peer, which does the same on Linux.

using System;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal sealed class FileRows(BenchMount mount, Timed timed, BenchOptions options)
{
    private const string Small = BenchMount.Directory + "/f4k";
    private const string Large = BenchMount.Directory + "/f1m";
    private const string Fresh = BenchMount.Directory + "/fresh";
    private const string Hundred = BenchMount.Directory + "/d100";
    private const int SmallBytes = 4096, LargeBytes = 1 << 20, StepBytes = 128 << 10;
    private const int Entries = 100;
    private const int SettleMs = 200;
    private const uint Taken = 60;

    private readonly FileApi _files = mount.Files;
    private readonly byte[] _bytes = new byte[StepBytes];
    /// <summary>More than a program keeps.</summary>
    private readonly string[] _several =
        [.. Enumerable.Range(0, 8).Select(static i => $"{BenchMount.Directory}/f{i}")];
    private int _lastOpened;
    private readonly byte[] _entries = new byte[32 * 1024];

    public void Run()
    {
        Prepare();
        // The file server puts in order what its last incarnation may have left; then it is quiet.
        Thread.Sleep(SettleMs);
        int count = options.Count;
        timed.Run("stat", count, () => Require(_files.Stat(Small).Status, "stat"));
        timed.Run("open+close", count, () => Open(Small, OpenMode.Read).Dispose());
        timed.Run("open+close, called", count, OpenAnother);
        using RemoteFile small = Open(Small, OpenMode.Read | OpenMode.Write);
        timed.Run("read 4 KiB", count, () => Read(small, SmallBytes, SmallBytes));
        timed.Run("read 4 KiB, called", count, () => Call(small));
        timed.Run("write 4 KiB", count, () => Write(small, SmallBytes, SmallBytes));
        timed.Run("write 4 KiB, called", count, () => CallToWrite(small));
        timed.Run("create+unlink", count, CreateAndRemove);
        timed.Run("list 100", count / 4, List);
        timed.RunPart("list 100, changed", count / 4, ListChanged);
        using RemoteFile large = Open(Large, OpenMode.Read | OpenMode.Write);
        timed.Run("read 1 MiB", count / 20, () => Read(large, LargeBytes, StepBytes));
        timed.Run("write 1 MiB", count / 20, () => Write(large, LargeBytes, StepBytes));
        // With all that the server does for it, one behind the other and here and there.
        timed.RunPart("write 4 KiB, on", count / 20, () => WriteUntilTaken(large, 1), Taken);
        timed.RunPart("write 4 KiB, apart", count / 20, () => WriteUntilTaken(large, 3), Taken);
    }

    private void Prepare()
    {
        _bytes.AsSpan().Fill((byte)'x');
        using RemoteFile small = Open(Small, OpenMode.Write | OpenMode.Create);
        Write(small, SmallBytes, SmallBytes);
        using RemoteFile large = Open(Large, OpenMode.Write | OpenMode.Create);
        Write(large, LargeBytes, StepBytes);
        Require(_files.MakeDirectory(Hundred), "mkdir");
        for (int i = 0; i < Entries; i++)
            Open($"{Hundred}/entry{i:D3}", OpenMode.Write | OpenMode.Create).Dispose();
        foreach (string path in _several) Open(path, OpenMode.Write | OpenMode.Create).Dispose();
    }

    /// <summary>What an open costs of a file that is not kept, since others were opened.</summary>
    private void OpenAnother()
    {
        _lastOpened = (_lastOpened + 1) % _several.Length;
        Open(_several[_lastOpened], OpenMode.Read).Dispose();
    }

    private void CreateAndRemove()
    {
        Open(Fresh, OpenMode.Write | OpenMode.Create | OpenMode.Exclusive).Dispose();
        Require(_files.RemoveFile(Fresh), "unlink");
    }

    /// <summary>What a list costs of which the server has kept nothing.</summary>
    private ulong ListChanged()
    {
        CreateAndRemove();
        ulong before = mount.NowNs;
        List();
        return mount.NowNs - before;
    }

    private void List()
    {
        int seen = 0;
        ulong cookie = 0;
        do
        {
            Result<ListedEntries> page = _files.ReadEntries(Hundred, cookie, _entries);
            Require(page.Status, "list");
            EntryReader reader = new(_entries.AsSpan(0, (int)page.Value.LengthBytes));
            while (reader.TryRead(out EntryHeader _, out ReadOnlySpan<byte> _)) seen++;
            cookie = page.Value.NextCookie;
        }
        while (cookie != 0);
        if (seen != Entries) throw new BenchException($"{seen} entries");
    }

    private void Read(RemoteFile file, int lengthBytes, int stepBytes)
    {
        file.Offset = 0;
        while (file.Offset < (ulong)lengthBytes)
        {
            Result<uint> read = file.Read(_bytes.AsSpan(0, stepBytes));
            if (read.Status != Status.Ok || read.Value != stepBytes)
                throw new BenchException($"read: {read.Status}, {read.Value} bytes");
        }
    }

    /// <summary>What a read costs of which nothing is kept.</summary>
    private void Call(RemoteFile file)
    {
        Result<uint> read = file.Client.Read(0, _bytes.AsSpan(0, SmallBytes));
        if (read.Status != Status.Ok || read.Value != SmallBytes)
            throw new BenchException($"read: {read.Status}, {read.Value} bytes");
    }

    private void Write(RemoteFile file, int lengthBytes, int stepBytes)
    {
        file.Offset = 0;
        while (file.Offset < (ulong)lengthBytes)
            Require(file.Write(_bytes.AsSpan(0, stepBytes)).Status, "write");
    }

    /// <summary>What a write costs of which the server hears at once.</summary>
    private void CallToWrite(RemoteFile file) =>
        Require(file.Client.Write(0, _bytes.AsSpan(0, SmallBytes)).Status, "write");

    /// <summary>Writes, until another call has seen what the server does with them.</summary>
    private ulong WriteUntilTaken(RemoteFile file, uint step)
    {
        ulong before = mount.NowNs;
        for (uint i = 0; i < Taken; i++)
        {
            file.Offset = i * step * SmallBytes;
            Require(file.Write(_bytes.AsSpan(0, SmallBytes)).Status, "write");
        }
        Require(file.Stat().Status, "stat");
        return mount.NowNs - before;
    }

    private RemoteFile Open(string path, OpenMode mode)
    {
        Result<RemoteFile> opened = _files.Open(path, mode);
        Require(opened.Status, "open");
        return opened.Value;
    }

    private static void Require(Status status, string what) => BenchMount.Require(status, what);
}

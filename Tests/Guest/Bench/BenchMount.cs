// A mount of its own with so many files, each of which says in every byte which one it is.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal sealed class BenchMount : IDisposable
{
    public const int FileBytes = 4096;
    public const string Directory = "/tmp/bench";
    public const string Server = $"memfs@{Directory}";
    private const string Spare = "memfs+spare";
    private const ulong NsPerMs = 1_000_000;

    private readonly TaskContext _task;
    private readonly int _files;
    private readonly WaitRow[] _waits = new WaitRow[256];

    public BenchMount(TaskContext task, BenchOptions options)
    {
        _task = task;
        _files = options.Files;
        Supervisor = new SupervisorClient(task.Kernel, task.Claim("supervisor"));
        Files = FileApi.Open(task);
        Files.MakeDirectory(Directory);
        Mount();
    }

    public SupervisorClient Supervisor { get; }
    public FileApi Files { get; }
    public IKernel Kernel => _task.Kernel;
    public ulong NowNs => _task.NowNs;

    /// <summary>Bytes of every file; where they are wrong, everything is.</summary>
    public static byte ByteOf(int file) => (byte)(file * 7 + 1);

    public static string PathOf(int file) => $"{Directory}/d{file % 10}/f{file}";

    /// <summary>Anew: what was there is gone.</summary>
    public void Mount()
    {
        Supervisor.Unmount(Directory);
        Require(Supervisor.Mount("none", Directory, "memfs", ""), "mount");
        // Vfs hears of it a little later.
        while (Files.MakeDirectory($"{Directory}/d0") != Status.Ok) Thread.Sleep(1);
        for (int i = 1; i < 10; i++) Require(Files.MakeDirectory($"{Directory}/d{i}"), "mkdir");
        byte[] bytes = new byte[FileBytes];
        for (int file = 0; file < _files; file++)
        {
            bytes.AsSpan().Fill(ByteOf(file));
            using RemoteFile made = Open(file, OpenMode.Write | OpenMode.Create);
            Require(made.Write(bytes).Status, "write");
        }
    }

    public RemoteFile Open(int file, OpenMode mode)
    {
        Result<RemoteFile> opened = Files.Open(PathOf(file), mode);
        Require(opened.Status, "open");
        return opened.Value;
    }

    /// <summary>The server reads the file's bytes through an open handle, and is right.</summary>
    public static void Check(RemoteFile opened, int file, Span<byte> bytes)
    {
        Result<uint> read = opened.Client.Read(0, bytes);
        Require(read.Status, "read");
        bool isRight = read.Value == bytes.Length && !bytes.ContainsAnyExcept(ByteOf(file));
        if (!isRight) throw new BenchException($"file {file} has wrong bytes");
    }

    /// <summary>Until a spare waits for the next death.</summary>
    public void WaitForSpare()
    {
        for (int tries = 0; tries < 2000; tries++)
        {
            if (HasSpare()) return;
            Thread.Sleep(1);
        }
        throw new BenchException("no spare has come");
    }

    public void EndSpare() => Supervisor.Kill(Spare);

    public static void Require(Status status, string what)
    {
        if (status != Status.Ok) throw new BenchException($"{what}: {status}");
    }

    public void Dispose()
    {
        Supervisor.Unmount(Directory);
        Files.RemoveDirectory(Directory);
    }

    /// <summary>One that has come up: its AwaitRole is parked.</summary>
    private bool HasSpare()
    {
        const ushort awaitRole = 17;
        Result<int> read = Kernel.InspectAll<WaitRow>(
            _task.Claim("machine"), InspectKind.Waits, _waits);
        Require(read.Status, "waits");
        foreach (ref readonly WaitRow wait in _waits.AsSpan(0, read.Value))
        {
            if (wait.Operation == awaitRole && wait.State == WaitState.Parked) return true;
        }
        return false;
    }
}

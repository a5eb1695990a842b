// What a client does with a mount, and what it is answered: the same, however often that dies.
//
// Rules: each step is one request. The transcript holds no handle and no time.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Unit.Servers.FatFs;

internal sealed class FatScenario(FatMount mount)
{
    private const OpenMode Both = FatMount.Both;

    public List<string> Transcript { get; } = [];

    public void Run()
    {
        Names();
        FileSystemClient file = Open("d/A long name.text", Both | OpenMode.Create);
        Bytes(file);
        KeptWhileOpen(file);
        Note(mount.Root.SyncAll());
        Renames();
        Grows(file);
        mount.Idle();
        Exclusives();
    }

    private void Names()
    {
        Note(mount.Root.MakeDirectory("d"));
        Note(mount.Root.MakeDirectory("D"));
        Note(mount.Root.MakeDirectory("d/e"));
        Note(mount.Root.MakeDirectory("empty"));
        Note(mount.Root.Rename("d/e", "empty"));
        Note(mount.Root.RemoveDirectory("empty"));
        Note(mount.Root.RemoveDirectory("d/e"));
    }

    private void Bytes(FileSystemClient file)
    {
        Note(file.Write(0, Pattern(5000, 1)));
        Note(file.Write(4000, Pattern(200, 2)));
        Note(file.Append(Pattern(10, 3)));
        Note(file.Append(Pattern(9000, 4)));
        Note(file.Write(40_000, Pattern(3, 5)));
        Note(file.SetLength(4500));
        Note(file.SetLength(9000));
        NoteBytes(file);
        Note(file.Append(Pattern(1, 6)));
    }

    private void KeptWhileOpen(FileSystemClient file)
    {
        FileSystemClient other = Open("g", Both | OpenMode.Create);
        Note(other.Write(0, Pattern(6000, 7)));
        Note(other.Lock(LockMode.Exclusive));
        Note(mount.Root.RemoveFile("g"));
        Note(mount.Root.RemoveFile("g"));
        Note(other.Append(Pattern(100, 8)));
        NoteBytes(other);
        mount.Idle();
        Note(other.SetLength(3));
        NoteBytes(other);
        mount.Close(other);
        Note(mount.Root.Stat("g").Status);
        Note(file.Flush());
    }

    private void Renames()
    {
        Note(mount.Root.MakeDirectory("far"));
        for (int i = 0; i < 20; i++) Open($"far/filler number {i}", Both | OpenMode.Create);
        Note(mount.Root.Rename("d/A long name.text", "far/moved to another directory"));
        Note(mount.Root.Rename("d/A long name.text", "far/moved to another directory"));
        Note(mount.Root.Rename("far/moved to another directory", "far/MOVED to another directory"));
        Note(mount.Root.Rename("far/MOVED to another directory", "far/filler number 3"));
        Note(mount.Root.Rename("d", "far/d"));
        Note(mount.Root.MakeDirectory("far/d/below"));
        Note(mount.Root.Rename("far/d/below", "below"));
        Note(mount.Root.RemoveDirectory("far/d"));
    }

    private void Grows(FileSystemClient file)
    {
        FileSystemClient big = Open("big", Both | OpenMode.Create);
        Note(big.Write(300_000, Pattern(5, 9)));
        Note(big.SetLength(450_000));
        Note(file.Append(Pattern(50_000, 10)));
        NoteBytes(big);
        Note(mount.Root.RemoveFile("big"));
        Note(big.SetLength(20_000_000));
        mount.Close(big);
        NoteBytes(file);
    }

    private void Exclusives()
    {
        const OpenMode exclusive = Both | OpenMode.Create | OpenMode.Exclusive;
        Note(mount.Root.Open("once", exclusive).Status);
        Note(mount.Root.Open("once", exclusive).Status);
        Note(mount.Root.Open("once", Both | OpenMode.Truncate).Status);
        Note(mount.Root.SetTime("once", FatMount.NowNs - 10_000_000_000));
        Note(mount.Root.SyncAll());
    }

    private FileSystemClient Open(string path, OpenMode mode)
    {
        Result<OpenedFile> opened = mount.Root.Open(path, mode);
        Note(opened.Status);
        return new FileSystemClient(mount.Client, opened.Value.File.Handle);
    }

    private void NoteBytes(FileSystemClient file)
    {
        byte[] bytes = new byte[file.StatFile().Value.LengthBytes];
        Result<uint> read = file.Read(0, bytes);
        int sum = 17;
        foreach (byte one in bytes) sum = unchecked(sum * 31 + one);
        Note($"{read.Status} {read.Value} {sum:x}");
    }

    private void Note(Status status) => Note($"{status}");

    private void Note<T>(Result<T> result) => Note($"{result.Status} {result.Value}");

    private void Note(string line) => Transcript.Add(line);

    private static byte[] Pattern(int count, byte seed)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(seed * 31 + i * 7);
        return bytes;
    }
}

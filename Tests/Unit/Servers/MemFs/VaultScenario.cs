// What a client does with a mount, and what it is answered: the same, however often that dies.
//
// Rules: each step is one request. The transcript holds no handle and no time.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Loopback;

namespace Tests.Unit.Servers.MemFs;

/// <param name="stepDone">Called after each acknowledged step.</param>
internal sealed class VaultScenario(LoopbackKernel client, Handle root, Action stepDone)
{
    private const OpenMode Both = OpenMode.Read | OpenMode.Write;

    private readonly FileSystemClient _root = new(client, root);

    public List<string> Transcript { get; } = [];

    /// <summary>Steps in which several writes get into the file, one after the other.</summary>
    public HashSet<int> InParts { get; } = [];

    public void Run()
    {
        Names();
        FileSystemClient file = Open("d/f", Both | OpenMode.Create);
        Bytes(file);
        KeptWhileOpen(file);
        Exclusives();
        Staged();
    }

    private void Names()
    {
        Note(_root.MakeDirectory("d"));
        Note(_root.MakeDirectory("d"));
        Note(_root.MakeDirectory("d/e"));
        Note(_root.MakeDirectory("empty"));
        Note(_root.Rename("d/e", "empty"));
        Note(_root.RemoveDirectory("empty"));
        Note(_root.RemoveDirectory("d/e"));
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
        FileSystemClient atEnd = Open("d/f", OpenMode.Write | OpenMode.Append);
        Note(atEnd.Write(0, Pattern(7, 11)));
        Note(atEnd.Write(0, Pattern(5000, 12)));
        NoteBytes(file);
        Close(atEnd);
    }

    private void KeptWhileOpen(FileSystemClient file)
    {
        FileSystemClient other = Open("g", Both | OpenMode.Create);
        Note(other.Write(0, Pattern(6000, 7)));
        Note(_root.Rename("g", "d/f"));
        NoteBytes(file);
        Note(file.Append(Pattern(20, 8)));
        NoteBytes(file);
        Close(file);
        Note(_root.RemoveFile("d/f"));
        Note(_root.RemoveFile("d/f"));
        NoteBytes(other);
        Close(other);
        Note(_root.DescribeVolume().Value.UsedBytes);
    }

    private void Exclusives()
    {
        FileSystemClient made = Open("x", Both | OpenMode.Create | OpenMode.Exclusive);
        Note(made.Write(0, Pattern(100, 9)));
        Open("x", Both | OpenMode.Create | OpenMode.Exclusive);
        Close(Open("x", OpenMode.Write | OpenMode.Truncate));
        Note(made.Append(Pattern(3, 10)));
        NoteBytes(made);
        Note(_root.OpenDirectory("d").Status);
        Note(_root.SetTime("x", 77));
        byte[] entries = new byte[512];
        Note(_root.List("", 0, entries).Value.Count);
        Note(_root.DescribeVolume().Value.UsedBytes);
    }

    /// <summary>Writes without a request, which are there all the same.</summary>
    private void Staged()
    {
        FileSystemClient file = Open("s", Both | OpenMode.Create);
        Note(file.Write(0, Pattern(9000, 13)));
        Handle memory = client.MemoryCreate(StagingArea.LengthBytes).Value;
        using StagingArea area = StagingArea.Map(client, memory).Value;
        Result<StagedFile> begun = file.Stage(new Capability(memory));
        Note((begun.Status, begun.Value.LengthBytes));
        FileSystemClient staged = new(client, begun.Value.File.Handle);
        area.TryAdd(0, new StagedWrite(4000, 0, 200), Pattern(200, 14), 1);
        area.TryAdd(1, new StagedWrite(9000, 200, 5000), Pattern(5000, 15), 1);
        area.TryAdd(2, new StagedWrite(14_000, 5200, 9), Pattern(9, 16), 1);
        InParts.Add(Transcript.Count);
        Note(_root.Stat("s").Value.LengthBytes);
        area.TryAdd(3, new StagedWrite(0, 5209, 100), Pattern(100, 17), 1);
        Note(staged.Settle());
        area.TryAdd(0, new StagedWrite(0, 0, 50), Pattern(50, 18), 1);
        InParts.Add(Transcript.Count);
        Note(file.Append(Pattern(11, 19)));
        Note(area.TryAdd(1, new StagedWrite(0, 50, 1), Pattern(1, 20), 1));
        Note(staged.Settle());
        NoteBytes(file);
        begun = file.Stage(new Capability(memory));
        area.TryAdd(0, new StagedWrite(14_020, 0, 4096), Pattern(4096, 21), 1);
        client.Close(begun.Value.File.Handle);
        Note(_root.SyncAll());
        Note(area.TryAdd(1, new StagedWrite(0, 4096, 1), Pattern(1, 22), 1));
        NoteBytes(file);
        Close(staged);
    }

    private FileSystemClient Open(string path, OpenMode mode)
    {
        Result<OpenedFile> opened = _root.Open(path, mode);
        Note((opened.Status, opened.Value.LengthBytes));
        return new FileSystemClient(client, opened.IsOk ? opened.Value.File.Handle : default);
    }

    private void Close(FileSystemClient file)
    {
        client.Close(file.Endpoint);
        // The server hears of it with the next request.
        Note(_root.SyncAll());
    }

    private void NoteBytes(FileSystemClient file)
    {
        byte[] bytes = new byte[50_000];
        Result<uint> read = file.Read(0, bytes);
        uint sum = 0;
        foreach (byte one in bytes.AsSpan(0, (int)read.Value)) sum = sum * 31 + one;
        Note((read, sum));
    }

    private void Note<T>(T answer)
    {
        Transcript.Add($"{answer}");
        stepDone();
    }

    private static byte[] Pattern(int count, byte seed)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)(seed + i * 7);
        return bytes;
    }
}

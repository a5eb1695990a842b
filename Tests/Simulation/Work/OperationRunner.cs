// Does operations on a real file server, through a capability for one directory, and puts the
// answers into words.
//
// Rules: belongs to one incarnation of its client. What did not end by an answer says so.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation.Work;

public sealed class OperationRunner(IKernel kernel, Handle directory)
{
    const int ListBytes = 4096;

    readonly FileSystemClient files = new(kernel, directory);
    readonly FileSystemClient?[] open = new FileSystemClient?[Operation.Slots];
    readonly byte[] listBuffer = new byte[ListBytes];

    /// <summary>Of the last call, for mounts where it may end without an answer.</summary>
    public Outcome LastOutcome { get; private set; }

    public string Do(Operation one)
    {
        switch (one.Act)
        {
            case Act.Open: return Open(one);
            case Act.MakeDirectory: return Say(files.MakeDirectory(one.Path), files);
            case Act.RemoveDirectory: return Say(files.RemoveDirectory(one.Path), files);
            case Act.RemoveFile: return Say(files.RemoveFile(one.Path), files);
            case Act.Rename: return Say(files.Rename(one.Path, one.Target), files);
            case Act.List:
                Status status = List(one.Path, out SortedDictionary<string, FileType> names);
                return status == Status.Ok ? $"Ok {string.Join(' ', names.Keys)}" : $"{status}";
            case Act.Stat:
                Result<FileStat> stat = files.Stat(one.Path);
                return !stat.IsOk ? $"{stat.Status}"
                    : stat.Value.Type == FileType.Directory ? "Ok directory"
                    : $"Ok {stat.Value.LengthBytes}";
        }

        LastOutcome = Outcome.Replied;
        return open[one.Slot] is { } file ? DoWithFile(one, file) : "closed";
    }

    string DoWithFile(Operation one, FileSystemClient file)
    {
        switch (one.Act)
        {
            case Act.Close:
                Close(one.Slot);
                return "Ok";
            case Act.Write: return Say(file.Write((ulong)one.Number, one.Bytes()), file);
            case Act.Append: return Say(file.Append(one.Bytes()), file);
            case Act.SetLength: return Say(file.SetLength((ulong)one.Number), file);
            case Act.Lock: return Say(file.Lock((LockMode)one.Number), file);
            case Act.StatFile:
                Result<FileStat> stat = file.StatFile();
                return stat.IsOk ? $"Ok {stat.Value.LengthBytes}" : $"{stat.Status}";
            default:
                byte[] bytes = new byte[one.LengthBytes];
                Result<uint> read = file.Read((ulong)one.Number, bytes);
                return read.IsOk ? $"Ok {TreeModel.Sum(bytes.AsSpan(0, (int)read.Value))}"
                    : $"{read.Status}";
        }
    }

    string Open(Operation one)
    {
        Close(one.Slot);
        Result<OpenedFile> opened = files.Open(one.Path, one.Mode);
        LastOutcome = files.LastOutcome;
        if (!opened.IsOk) return $"{opened.Status}";
        open[one.Slot] = new FileSystemClient(kernel, opened.Value.File.Handle);
        return $"Ok {opened.Value.LengthBytes}";
    }

    void Close(int slot)
    {
        if (open[slot] is { } file) kernel.Close(file.Endpoint);
        open[slot] = null;
    }

    public void CloseAll()
    {
        for (int slot = 0; slot < open.Length; slot++) Close(slot);
    }

    /// <summary>The whole tree below the directory; see TreeModel.Snapshot.</summary>
    public string Snapshot()
    {
        StringBuilder text = new();
        AddTree(text, "");
        return text.ToString();
    }

    public ICollection<string> Names(string path)
    {
        Hands.Require(List(path, out SortedDictionary<string, FileType> names), $"ls {path}");
        return names.Keys;
    }

    void AddTree(StringBuilder text, string path)
    {
        Hands.Require(List(path, out SortedDictionary<string, FileType> names), $"ls {path}");
        foreach ((string name, FileType type) in names)
        {
            string below = path.Length == 0 ? name : $"{path}/{name}";
            text.Append(below);
            if (type == FileType.File) text.Append('=').Append(SumOf(below)).Append(' ');
            else AddTree(text.Append("/ "), below);
        }
    }

    string SumOf(string path)
    {
        Result<OpenedFile> opened = files.Open(path, OpenMode.Read);
        Hands.Require(opened.Status, $"open {path}");
        Handle handle = opened.Value.File.Handle;
        byte[] bytes = new byte[opened.Value.LengthBytes];
        Result<uint> read = new FileSystemClient(kernel, handle).Read(0, bytes);
        Hands.Require(read.Status, $"read {path}");
        kernel.Close(handle);
        return TreeModel.Sum(bytes.AsSpan(0, (int)read.Value));
    }

    Status List(string path, out SortedDictionary<string, FileType> names)
    {
        names = new(StringComparer.Ordinal);
        Result<ListedEntries> listed = files.List(path, 0, listBuffer);
        if (!listed.IsOk) return listed.Status;
        EntryReader reader = new(listBuffer.AsSpan(0, (int)listed.Value.LengthBytes));
        while (reader.TryRead(out EntryHeader header, out string name))
            names.Add(name, header.Type);
        return Status.Ok;
    }

    string Say(Status status, FileSystemClient client)
    {
        LastOutcome = client.LastOutcome;
        return $"{status}";
    }

    string Say<T>(Result<T> result, FileSystemClient client) =>
        Say(result.Status, client) + (result.IsOk ? $" {result.Value}" : "");
}

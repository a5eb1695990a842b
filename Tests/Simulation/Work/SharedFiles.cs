// Files that all clients use at the same time, and what must be true of them however often anybody
// has died.
//
// A log that all append to: each answered record is there once, at its place; one whose writer died
// is there once or not at all. A cell that all overwrite: a read never sees what was overwritten
// before it began, nor what another read has seen replaced. Names that all try to make: one winner.
// Rules: belongs to the test, and outlives all clients.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation.Work;

public sealed class SharedFiles
{
    const string LogPath = "/home/log", CellPath = "/home/cell";
    const int RecordBytes = 8;
    const int MaxLogBytes = 1 << 20;

    sealed class Event
    {
        public int Start, End = int.MaxValue;
        public string Value = "";
    }

    readonly Dictionary<string, ulong?> appended = [];
    readonly List<Event> writes = [new() { Value = "initial-", End = 0 }];
    readonly List<Event> reads = [];
    readonly Dictionary<int, int> winners = [];
    readonly HashSet<int> maybeWinners = [];
    readonly Dictionary<int, int> refusals = [];
    int time, lastValue;

    public static void Make(FileApi files)
    {
        Hands.Require(files.WriteAll(LogPath, []), LogPath);
        Hands.Require(files.WriteAll(CellPath, "initial-"u8), CellPath);
    }

    public void Do(FileApi files, int client, Random random)
    {
        switch (random.Next(4))
        {
            case 0: Append(files, client, random.Next(4) == 0 ? 12 : 1); break;
            case 1: WriteCell(files); break;
            case 2: ReadCell(files); break;
            default: Race(files, client, random.Next(12)); break;
        }
    }

    /// <summary>Nobody works any more. Throws what is wrong.</summary>
    public void Check(FileApi files)
    {
        CheckLog(files);
        CheckCell();
        foreach ((int name, int client) in refusals)
        {
            if (!winners.ContainsKey(name) && !maybeWinners.Contains(name))
                throw new InvalidOperationException($"{client} was told that {name} is there");
        }
    }

    public static void Remove(FileApi files)
    {
        Hands.Require(files.RemoveFile(LogPath), LogPath);
        Hands.Require(files.RemoveFile(CellPath), CellPath);
        for (int name = 0; name < 12; name++) files.RemoveFile($"/home/x{name}");
    }

    string NextValue() => $"{++lastValue:x8}";

    /// <summary>Often so many that the last ones need no call (WriteBehind).</summary>
    void Append(FileApi files, int client, int records)
    {
        using RemoteFile log = Open(files, LogPath, OpenMode.Write | OpenMode.Append);
        for (int i = 0; i < records; i++)
        {
            string record = NextValue();
            appended[record] = null;
            Result<ulong> end = log.Append(Encoding.ASCII.GetBytes(record));
            Hands.Require(end.Status, $"append by {client}");
            appended[record] = end.Value - RecordBytes;
        }
    }

    void WriteCell(FileApi files)
    {
        using RemoteFile cell = Open(files, CellPath, OpenMode.Write);
        Event write = new() { Value = NextValue(), Start = ++time };
        writes.Add(write);
        Hands.Require(cell.Write(Encoding.ASCII.GetBytes(write.Value)).Status, "write the cell");
        write.End = ++time;
    }

    void ReadCell(FileApi files)
    {
        using RemoteFile cell = Open(files, CellPath, OpenMode.Read);
        Event read = new() { Start = ++time };
        byte[] bytes = new byte[RecordBytes];
        Hands.Require(cell.Read(bytes).Status, "read the cell");
        read.Value = Encoding.ASCII.GetString(bytes);
        read.End = ++time;
        reads.Add(read);
    }

    void Race(FileApi files, int client, int name)
    {
        maybeWinners.Add(name);
        Result<RemoteFile> made = files.Open(
            $"/home/x{name}", OpenMode.Write | OpenMode.Create | OpenMode.Exclusive);
        if (made.IsOk)
        {
            made.Value.Dispose();
            if (!winners.TryAdd(name, client)) throw new InvalidOperationException(
                $"{winners[name]} and {client} have both made {name}");
            return;
        }

        if (made.Status != Status.AlreadyExists) Hands.Require(made.Status, $"make {name}");
        refusals[name] = client;
    }

    static RemoteFile Open(FileApi files, string path, OpenMode mode)
    {
        Result<RemoteFile> opened = files.Open(path, mode);
        Hands.Require(opened.Status, $"open {path}");
        return opened.Value;
    }

    void CheckLog(FileApi files)
    {
        Result<byte[]> bytes = files.ReadAll(LogPath, MaxLogBytes);
        Hands.Require(bytes.Status, "read the log");
        string log = Encoding.ASCII.GetString(bytes.Value);
        HashSet<string> found = [];
        for (int at = 0; at < log.Length; at += RecordBytes)
        {
            string record = log.Substring(at, Math.Min(RecordBytes, log.Length - at));
            if (!appended.TryGetValue(record, out ulong? place))
                throw new InvalidOperationException($"log has '{record}', which nobody wrote");
            if (!found.Add(record))
                throw new InvalidOperationException($"log has {record} twice");
            if (place is { } answered && answered != (ulong)at)
                throw new InvalidOperationException($"{record} is at {at}, not at {answered}");
        }

        foreach ((string record, ulong? place) in appended)
        {
            if (place is not null && !found.Contains(record))
                throw new InvalidOperationException($"log has lost {record}");
        }
    }

    void CheckCell()
    {
        Dictionary<string, Event> byValue = [];
        foreach (Event write in writes) byValue.Add(write.Value, write);
        Dictionary<string, int> replacedAt = [];
        Event? last = null;
        foreach (Event read in reads)
        {
            if (!byValue.TryGetValue(read.Value, out Event? write) || write.Start > read.End)
                throw new InvalidOperationException($"cell had '{read.Value}'");
            foreach (Event later in writes)
            {
                if (write.End < later.Start && later.End < read.Start)
                    throw new InvalidOperationException(
                        $"cell had {read.Value} after {later.Value} was answered");
            }

            if (replacedAt.TryGetValue(read.Value, out int seen) && seen < read.Start)
                throw new InvalidOperationException($"cell had {read.Value} again");
            if (last is not null && last.Value != read.Value && last.End < read.Start)
                replacedAt.TryAdd(last.Value, read.End);
            last = read;
        }
    }
}

// Answers of parked reads, from before they are given until they were taken.
//
// Rules: what a read takes away and its answer are one transaction. One that comes again after a
// death gets the same answer. A death leaves one of them at most, which stays when its caller is
// gone too: then the oldest makes room.

using System;
using Servers.Console.Editing;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class Answers
{
    public const int MaxBytes = LineBuffer.MaxBytes + 1;
    private const int Places = 16;
    private const int HeadBytes = 4 * sizeof(ulong);

    private readonly RecordTable _records;
    private readonly byte[] _scratch = new byte[HeadBytes + MaxBytes];
    private ulong _sequence;

    public Answers(SmallVault vault)
    {
        _records = new RecordTable(vault, Places, HeadBytes + MaxBytes);
        foreach (ulong read in _records.Keys) _sequence = Math.Max(_sequence, SequenceOf(read));
    }

    public static int LogWords => RecordTable.LogWordsFor(HeadBytes + MaxBytes) + 1;

    public void Put(RequestId read, Status status, LineKind kind, ReadOnlySpan<byte> bytes)
    {
        if (_records.IsFull) RemoveOldest();
        RecordWriter writer = new(_scratch);
        writer.Number(++_sequence);
        writer.Number((ulong)status);
        writer.Number((ulong)kind);
        writer.Run(bytes);
        _records.Put(read.Value, writer.Bytes);
    }

    public void Remove(RequestId read) => _records.Remove(read.Value);

    /// <summary>What the request was going to be answered when its server died.</summary>
    public bool TryFind(
        RequestId read, out Status status, out LineKind kind, out ReadOnlySpan<byte> bytes)
    {
        status = default;
        kind = default;
        bytes = default;
        if (!_records.TryGet(read.Value, out ReadOnlySpan<byte> record)) return false;
        RecordReader reader = new(record);
        reader.Number();
        status = (Status)reader.Number();
        kind = (LineKind)reader.Number();
        bytes = reader.Run();
        return true;
    }

    private void RemoveOldest()
    {
        ulong oldest = 0;
        foreach (ulong read in _records.Keys)
        {
            if (oldest == 0 || SequenceOf(read) < SequenceOf(oldest)) oldest = read;
        }
        _records.Remove(oldest);
    }

    private ulong SequenceOf(ulong read)
    {
        _records.TryGet(read, out ReadOnlySpan<byte> record);
        return new RecordReader(record).Number();
    }
}

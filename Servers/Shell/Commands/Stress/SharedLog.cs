// A log that two workers append to, and read on through a file that stays open.
//
// Each record says who wrote it, its number and a sum. Each writer waits for its answers, so its
// numbers ascend by one: a record that is lost, doubled or spoiled is seen by every reader.

using System;
using System.Buffers.Binary;
using Servers.Shell.Files;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class SharedLog(
    FileSpace files, string path, uint worker, uint seed, Losses losses) : IDisposable
{
    private const int RecordBytes = 16, RecordsPerRead = 256;
    /// <summary>Long runs stop appending here: the log is never cut.</summary>
    private const uint MaxRecords = 32 * 1024;

    private readonly uint[] _seen = new uint[StressPlaces.Workers];
    private OpenFile? _file;
    private Handle _handle;
    private uint _appended;
    private ulong _offset;

    public bool Open()
    {
        Result<OpenFile> opened = files.Open(
            path, OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Append);
        if (!losses.Require(opened.Status, $"open {path}")) return false;
        _file = opened.Value;
        _handle = _file.Handle;
        return true;
    }

    public void Append()
    {
        if (_appended == MaxRecords) return;
        byte[] record = new byte[RecordBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(record, worker);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), _appended);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(8), Sum(worker, _appended));
        Result<ulong> end = _file!.Append(record);
        if (!losses.Require(end.Status, "append to the log")) return;
        _appended++;
        losses.Require(end.Value % RecordBytes == 0, $"the log has {end.Value} bytes");
    }

    /// <summary>What has come since, and whether it may be so.</summary>
    public void ReadOn()
    {
        byte[] bytes = new byte[RecordBytes * RecordsPerRead];
        uint length;
        do
        {
            Result<uint> read = _file!.Read(_offset, bytes);
            if (!losses.Require(read.Status, "read the log")) return;
            length = read.Value;
            if (!losses.Require(length % RecordBytes == 0, $"half a record: {length}")) return;
            for (int at = 0; at < length; at += RecordBytes) Check(bytes.AsSpan(at, RecordBytes));
            _offset += length;
        }
        while (length != 0);
        losses.Require(_file.Handle == _handle, "the open log was lost");
        losses.Require(
            _seen[worker] == _appended, $"{_appended} records written, {_seen[worker]} found");
    }

    /// <summary>All of it from the start: also what was read before must still be there.</summary>
    public void CheckAll()
    {
        _offset = 0;
        Array.Clear(_seen);
        ReadOn();
    }

    public void Dispose() => _file?.Dispose();

    private void Check(ReadOnlySpan<byte> record)
    {
        uint writer = BinaryPrimitives.ReadUInt32LittleEndian(record);
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        ulong sum = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        bool isRecord = writer < StressPlaces.Workers && sum == Sum(writer, number);
        if (!losses.Require(isRecord, "the log has what nobody wrote")) return;
        losses.Require(
            number == _seen[writer], $"record {number} of {writer}, not {_seen[writer]}");
        _seen[writer] = number + 1;
    }

    /// <summary>SplitMix64 of the three numbers (Steele, Lea, Flood 2014).</summary>
    private ulong Sum(uint writer, uint number)
    {
        ulong mixed = ((ulong)seed << 32 ^ (ulong)writer << 28 ^ number) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }
}

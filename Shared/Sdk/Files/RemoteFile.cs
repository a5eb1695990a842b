// An open file of a program: its capability, and the offset that only the program knows.
//
// The owner disposes it. The offset survives any death of the file's server.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files;

/// <param name="mode">As it was opened.</param>
public sealed class RemoteFile(
    IKernel kernel, Handle file, ulong openedLengthBytes, OpenMode mode) : IDisposable
{
    private readonly FileSystemClient _client = new(kernel, file);
    private bool _isClosed;

    public Handle Handle => file;

    /// <summary>Its length when it was opened.</summary>
    public ulong OpenedLengthBytes => openedLengthBytes;

    /// <summary>Where the next Read and Write begin.</summary>
    public ulong Offset { get; set; }

    public Outcome LastOutcome => _client.LastOutcome;

    /// <summary>Bytes read; 0 at the end.</summary>
    public Result<uint> Read(Span<byte> target)
    {
        Result<uint> read = _client.Read(Offset, target);
        // A server that claims more than it was lent is wrong, and must not take us along.
        if (read.IsOk && read.Value > target.Length) return Status.IoError;
        if (read.IsOk) Offset += read.Value;
        return read;
    }

    /// <summary>At the end of a file that was opened with Append; else at the offset.</summary>
    public Result<uint> Write(ReadOnlySpan<byte> source)
    {
        if (mode.HasFlag(OpenMode.Append)) return WriteAtEnd(source);
        Result<uint> written = _client.Write(Offset, source);
        if (written.IsOk) Offset += written.Value;
        return written;
    }

    /// <summary>Answers the offset after the last byte.</summary>
    public Result<ulong> Append(ReadOnlySpan<byte> source) => _client.Append(source);

    /// <summary>Locked while another capability has a lock that does not go with it.</summary>
    public Status Lock(LockMode lockMode) => _client.Lock(lockMode);

    public Status SetLength(ulong lengthBytes) => _client.SetLength(lengthBytes);

    public Result<FileStat> Stat() => _client.StatFile();

    public Status Flush() => _client.Flush();

    private Result<uint> WriteAtEnd(ReadOnlySpan<byte> source)
    {
        Result<ulong> end = _client.Append(source);
        if (!end.IsOk) return end.Status;
        Offset = end.Value;
        return (uint)source.Length;
    }

    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        kernel.Close(file);
    }
}

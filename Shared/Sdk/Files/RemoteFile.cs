// An open file of a program: its capability, and the offset that only the program knows.
//
// The owner disposes it. The offset survives any death of the file's server.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Files.Keeping;

namespace Shared.Sdk.Files;

/// <param name="mode">As it was opened.</param>
/// <param name="kept">If it may be had back after it was closed.</param>
public sealed class RemoteFile(
    IKernel kernel, FileSystemClient client, FileApi files, ulong? openedLengthBytes,
    OpenMode mode, KeptFile? kept = null) : IDisposable
{
    /// <summary>Null until something is read.</summary>
    private ReadCache? _cache;
    /// <summary>Null until something is written.</summary>
    private WriteBehind? _writes;
    private bool _isClosed;

    public Handle Handle => client.Endpoint;

    /// <summary>For calls that nothing is kept of.</summary>
    public FileSystemClient Client => client;

    /// <summary>Its length when it was opened, if it was asked for then.</summary>
    public ulong? OpenedLengthBytes => openedLengthBytes;

    /// <summary>Where the next Read and Write begin.</summary>
    public ulong Offset { get; set; }

    public Outcome LastOutcome => client.LastOutcome;

    /// <summary>Bytes read; 0 at the end.</summary>
    public Result<uint> Read(Span<byte> target)
    {
        _cache ??= files.CacheFor(client);
        Result<uint> read = _cache.Read(Offset, target);
        if (read.IsOk) Offset += read.Value;
        return read;
    }

    /// <summary>At the end of a file that was opened with Append; else at the offset.</summary>
    public Result<uint> Write(ReadOnlySpan<byte> source)
    {
        if (mode.HasFlag(OpenMode.Append)) return WriteAtEnd(source);
        Result<uint> written = Writes.Write(Offset, source);
        if (written.IsOk) Offset += written.Value;
        return written;
    }

    /// <summary>Answers the offset after the last byte.</summary>
    public Result<ulong> Append(ReadOnlySpan<byte> source) => Writes.Append(source);

    /// <summary>Locked while another capability has a lock that does not go with it.</summary>
    public Status Lock(LockMode lockMode)
    {
        Status status = client.Lock(lockMode);
        kept?.Locked(lockMode, status);
        return status;
    }

    public Status SetLength(ulong lengthBytes) => client.SetLength(lengthBytes);

    public Result<FileStat> Stat() => client.StatFile();

    public Status Flush() => client.Flush();

    private WriteBehind Writes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _writes ?? (_writes = files.WritesFor(client));
    }

    private Result<uint> WriteAtEnd(ReadOnlySpan<byte> source)
    {
        Result<ulong> end = Writes.Append(source);
        if (!end.IsOk) return end.Status;
        Offset = end.Value;
        return (uint)source.Length;
    }

    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        _writes?.Dispose();
        if (kept is null || !kept.TryClose()) kernel.Close(client.Endpoint);
        _cache?.Dispose();
    }
}

// A file that is open. When its server has lost its state in a restart, it is opened again by path.
//
// Rules: dispose it; offsets are the user's.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Files;

public sealed class OpenFile : IDisposable
{
    /// <summary>Most bytes in one call; the SDK moves them in steps.</summary>
    public const int StepBytes = 64 * 1024;

    private readonly FileSpace _files;
    private readonly string _path;
    private readonly OpenMode _mode;
    private Handle _handle;
    private IFileSystem _client;

    public OpenFile(FileSpace files, string path, OpenMode mode, OpenedFile opened)
    {
        _files = files;
        _path = path;
        // What was made or cut once is not made or cut again.
        _mode = mode & ~(OpenMode.Exclusive | OpenMode.Truncate);
        _handle = opened.File.Handle;
        _client = files.Services.FileSystem(_handle);
        OpenedLengthBytes = opened.LengthBytes;
    }

    public ulong OpenedLengthBytes { get; }

    public Handle Handle => _handle;

    public Result<uint> Read(ulong offset, Span<byte> target)
    {
        Result<uint> read = _client.Read(offset, target);
        return MayReopen(read.Status) && Reopen() ? _client.Read(offset, target) : read;
    }

    public Result<uint> Write(ulong offset, ReadOnlySpan<byte> source)
    {
        Result<uint> written = _client.Write(offset, source);
        return MayReopen(written.Status) && Reopen() ? _client.Write(offset, source) : written;
    }

    public Result<ulong> Append(ReadOnlySpan<byte> source)
    {
        Result<ulong> written = _client.Append(source);
        return MayReopen(written.Status) && Reopen() ? _client.Append(source) : written;
    }

    public Status SetLength(ulong lengthBytes)
    {
        Status status = _client.SetLength(lengthBytes);
        return MayReopen(status) && Reopen() ? _client.SetLength(lengthBytes) : status;
    }

    public Result<FileStat> Stat() => _client.StatFile();

    public void Dispose() => _files.Services.Close(_handle);

    /// <summary>NotFound of a file capability: the server does not know it any more.</summary>
    private static bool MayReopen(Status status) => status == Status.NotFound;

    private bool Reopen()
    {
        Result<OpenedFile> opened = _files.OpenCapability(_path, _mode);
        if (!opened.IsOk) return false;
        _files.Services.Close(_handle);
        _handle = opened.Value.File.Handle;
        _client = _files.Services.FileSystem(_handle);
        return true;
    }
}

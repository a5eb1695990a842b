// Where a command reads from: the console, a pipe, a file or nothing.
//
// Rules: Read answers 0 at the end. Whoever makes an input disposes it.

using System;
using Servers.Shell.Files;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Streams;

public abstract class Input : IDisposable
{
    /// <summary>What waits for somebody else, and can be handed to a job.</summary>
    public virtual Handle Stream => Handle.None;

    /// <summary>A job opens a console session of its own instead.</summary>
    public virtual bool IsConsole => false;

    public abstract Result<int> Read(Span<byte> target);

    public virtual void Dispose()
    {
    }
}

public enum StreamKind { Pipe, Console }

/// <summary>Nothing to read.</summary>
public sealed class EmptyInput : Input
{
    public override Result<int> Read(Span<byte> target) => 0;
}

/// <summary>A console session or the end of a pipe.</summary>
public sealed class StreamInput(IServices services, Handle stream, StreamKind kind) : Input
{
    private readonly IByteStream _client = services.Stream(stream);

    public override Handle Stream => stream;
    public override bool IsConsole => kind == StreamKind.Console;

    public override Result<int> Read(Span<byte> target)
    {
        Result<uint> read = _client.Read(target);
        if (read.Status == Status.EndOfStream) return 0;
        return new(read.Status, (int)read.Value);
    }
}

/// <summary>A file from its beginning; owns the file.</summary>
/// <param name="path">Canonical.</param>
public sealed class FileInput(OpenFile file, string path) : Input
{
    public string Path => path;

    private ulong _offset;

    public override Result<int> Read(Span<byte> target)
    {
        Result<uint> read = file.Read(_offset, target);
        if (!read.IsOk) return read.Status;
        _offset += read.Value;
        return (int)read.Value;
    }

    public override void Dispose() => file.Dispose();
}

// Where a command writes to. Collects small writes, so that a line does not cost a call.
//
// Rules: the first failure stays in Status and later writes are dropped; loops look at IsBroken.
// Flush before anything that waits. Whoever makes an output disposes it.

using System;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Streams;

public abstract class Output : IDisposable
{
    private const int BufferBytes = 8 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _used;

    /// <summary>Ok, or the first failure.</summary>
    public Status Status { get; private set; }

    public bool IsBroken => Status != Status.Ok;

    /// <summary>What can be handed to a job, or none.</summary>
    public virtual Handle Stream => Handle.None;

    /// <summary>A job opens a console session of its own instead.</summary>
    public virtual bool IsConsole => false;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (IsBroken) return;
        if (bytes.Length > BufferBytes - _used) Flush();
        if (bytes.Length >= BufferBytes)
        {
            SendAll(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    public void WriteLine(string text) => Write(text + "\n");

    public Status Flush()
    {
        int used = _used;
        _used = 0;
        if (used > 0) SendAll(_buffer.AsSpan(0, used));
        return Status;
    }

    /// <summary>Forgets a failure that was reported; a console outlives it.</summary>
    public void Mend() => Status = Status.Ok;

    public virtual void Dispose() => Flush();

    /// <summary>Delivers all bytes, or says why not.</summary>
    protected abstract Status Send(ReadOnlySpan<byte> bytes);

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        if (!IsBroken) Status = Send(bytes);
    }
}

/// <summary>A console session or the end of a pipe.</summary>
public sealed class StreamOutput(IServices services, Handle stream, StreamKind kind) : Output
{
    private readonly IByteStream _client = services.Stream(stream);

    public override Handle Stream => stream;
    public override bool IsConsole => kind == StreamKind.Console;

    protected override Status Send(ReadOnlySpan<byte> bytes)
    {
        Status status = _client.Write(bytes);
        // A Ctrl-C that came between two calls ends the next one; text that was not even begun is
        // still worth printing, and whoever prints it looks at the interrupts.
        bool isUntouched = status == Status.Cancelled
            && services.LastOutcome == Outcome.NotExecuted;
        return isUntouched ? _client.Write(bytes) : status;
    }
}

public enum FilePosition { Start, End }

/// <summary>A file, from its start or at its end whoever else writes; owns the file.</summary>
/// <param name="path">Canonical.</param>
public sealed class FileOutput(OpenFile file, FilePosition position, string path) : Output
{
    public string Path => path;

    private ulong _offset;

    protected override Status Send(ReadOnlySpan<byte> bytes)
    {
        if (position == FilePosition.End) return file.Append(bytes).Status;
        Result<uint> written = file.Write(_offset, bytes);
        if (!written.IsOk) return written.Status;
        _offset += (ulong)bytes.Length;
        return Status.Ok;
    }

    public override void Dispose()
    {
        base.Dispose();
        file.Dispose();
    }
}

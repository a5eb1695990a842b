// Text to a byte stream, collected so that a line does not cost a call.
//
// The first failure stays in Status and drops what follows. Flush before anything that waits.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files;

public sealed class ByteStreamWriter(IByteStream stream)
{
    private const int BufferBytes = 4096;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _usedBytes;

    /// <summary>Ok, or the first failure.</summary>
    public Status Status { get; private set; }

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    public void WriteLine(string text) => Write(text + "\n");

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - _usedBytes) Flush();
        if (bytes.Length > BufferBytes)
        {
            Send(bytes);
            return;
        }
        bytes.CopyTo(_buffer.AsSpan(_usedBytes));
        _usedBytes += bytes.Length;
    }

    public Status Flush()
    {
        Send(_buffer.AsSpan(0, _usedBytes));
        _usedBytes = 0;
        return Status;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (Status == Status.Ok && !bytes.IsEmpty) Status = stream.Write(bytes);
    }
}

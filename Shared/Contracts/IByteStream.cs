// Bytes in order: a console session, an end of a pipe.

using System;
using Shared.Abi;

namespace Shared.Contracts;

[Contract(id: 4, version: 1)]
public interface IByteStream
{
    /// <summary>
    /// Waits for at least one byte; EndOfStream when none will come, Interrupted after Ctrl-C.
    /// </summary>
    [Op(1), MayBlock] Result<uint> Read(Span<byte> target);

    /// <summary>Waits for room; all bytes are taken, or NoReader.</summary>
    [Op(2), MayBlock] Status Write(ReadOnlySpan<byte> source);
}

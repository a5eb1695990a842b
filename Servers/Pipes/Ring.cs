// Bytes on their way through one pipe, first in, first out.
//
// Rules: bytes enter by Filled after FreeSpan was written, and leave by Consume after they have
// reached their reader: whoever fails between the two steps has changed nothing.

using System;

namespace Servers.Pipes;

internal sealed class Ring(int capacityBytes)
{
    private readonly byte[] _bytes = new byte[capacityBytes];
    private int _first;

    public int LengthBytes { get; private set; }
    public int FreeBytes => _bytes.Length - LengthBytes;

    /// <summary>The next room, in one piece; there may be more behind the wrap.</summary>
    public Span<byte> FreeSpan
    {
        get
        {
            int start = (_first + LengthBytes) % _bytes.Length;
            return _bytes.AsSpan(start, Math.Min(FreeBytes, _bytes.Length - start));
        }
    }

    /// <summary>Bytes from an offset on, in one piece; there may be more behind the wrap.</summary>
    public ReadOnlySpan<byte> Peek(int offset)
    {
        int start = (_first + offset) % _bytes.Length;
        return _bytes.AsSpan(start, Math.Min(LengthBytes - offset, _bytes.Length - start));
    }

    public void Filled(int count)
    {
        if ((uint)count > (uint)FreeBytes) throw new ArgumentOutOfRangeException(nameof(count));
        LengthBytes += count;
    }

    public void Consume(int count)
    {
        if ((uint)count > (uint)LengthBytes) throw new ArgumentOutOfRangeException(nameof(count));
        LengthBytes -= count;
        // An empty ring starts again at zero, so that small messages are moved in one piece.
        _first = LengthBytes == 0 ? 0 : (_first + count) % _bytes.Length;
    }
}

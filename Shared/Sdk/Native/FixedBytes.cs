// Bytes of this process that no collector moves, so that an address of them may be kept a while.
//
// Only who knows that they stay makes one: a vault in its place, or FixedBuffer.

using System;
using Shared.Abi;

namespace Shared.Sdk.Native;

/// <summary>Good as long as what it was taken from.</summary>
// Safety: the bytes lie outside the heap, or in a pinned array whose FixedBuffer its user keeps.
public readonly unsafe struct FixedBytes
{
    private readonly byte* _first;

    internal FixedBytes(byte* first, int lengthBytes)
    {
        _first = first;
        LengthBytes = lengthBytes;
    }

    public int LengthBytes { get; }

    public bool IsEmpty => LengthBytes == 0;

    internal ulong Address => (ulong)_first;

    // Safety: see the type.
    public ReadOnlySpan<byte> Span => new(_first, LengthBytes);
}

/// <summary>A buffer that stays where it is.</summary>
// Safety: the array is pinned; see First.
public sealed unsafe class FixedBuffer(int lengthBytes)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(lengthBytes, pinned: true);

    public int LengthBytes => _bytes.Length;

    public Span<byte> Span => _bytes;

    /// <summary>The first so many bytes; the buffer must be kept until they are used.</summary>
    public FixedBytes First(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengthBytes, (uint)_bytes.Length);
        // Safety: the array is pinned, and as long as the check says.
        fixed (byte* first = _bytes) return new FixedBytes(first, lengthBytes);
    }
}

// Where the bytes of a write come from: the caller's memory, or a span of this process.

using System;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.MemFs;

internal interface IByteSource
{
    int LengthBytes { get; }

    /// <summary>Fills the target from the offset on; unless Ok, with anything.</summary>
    Status CopyTo(int offset, scoped Span<byte> target);
}

/// <summary>Bytes that are lent; they may change, or be gone, between two copies.</summary>
internal readonly struct LeaseSource(ReadLease lease) : IByteSource
{
    public int LengthBytes => (int)lease.LengthBytes;

    public Status CopyTo(int offset, scoped Span<byte> target) =>
        lease.CopyTo((uint)offset, target);
}

internal readonly ref struct SpanSource(ReadOnlySpan<byte> bytes) : IByteSource
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int LengthBytes => _bytes.Length;

    public Status CopyTo(int offset, scoped Span<byte> target)
    {
        _bytes.Slice(offset, target.Length).CopyTo(target);
        return Status.Ok;
    }
}

// The blocks of one volume, as a file system server sees them: from block 0, any length a step.
//
// Rules: a failure is a DiskException, which the server turns into its answer. What Write returned
// from is in the device; it survives the loss of power after the next Flush.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks;

public interface IDisk
{
    BlockGeometry Geometry { get; }
    bool IsReadOnly => (Geometry.Flags & BlockFlags.ReadOnly) != 0;

    void Read(ulong firstBlock, Span<byte> target);
    void Write(ulong firstBlock, ReadOnlySpan<byte> source);
    void Flush();
}

/// <summary>The device has answered something else than Ok.</summary>
public sealed class DiskException(Status status) : Exception($"disk: {status}")
{
    public Status Status { get; } = status;
}

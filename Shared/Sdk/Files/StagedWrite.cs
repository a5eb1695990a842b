// One write that a program has left for its server, and how it lies to the next one.

using System.Runtime.CompilerServices;

namespace Shared.Sdk.Files;

/// <param name="Offset">In the file.</param>
/// <param name="Place">Of its first byte, among the bytes of the area.</param>
public readonly record struct StagedWrite(ulong Offset, int Place, int LengthBytes)
{
    public ulong End => Offset + (ulong)LengthBytes;

    /// <summary>The other goes on where this one ends, in the file and in the area.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsBefore(StagedWrite other) =>
        other.Offset == End && other.Place == Place + LengthBytes;

    /// <summary>The other writes where this one does, and as much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsUnder(StagedWrite other) =>
        other.Offset == Offset && other.LengthBytes >= LengthBytes;

    /// <summary>Of the volume the other takes no more than its bytes, after this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsPlaceOf(StagedWrite other) => IsBefore(other) || other.Offset == Offset;

    /// <summary>With the one that it is before.</summary>
    public StagedWrite With(StagedWrite next) =>
        new(Offset, Place, LengthBytes + next.LengthBytes);
}

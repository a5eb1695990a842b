// Blocks of a disk, or of one partition of it. The capability says which; block 0 is its first.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;

namespace Shared.Contracts;

/// <summary>
/// What a disk driver does. Reading, and writing the same bytes to the same blocks, may be repeated
/// at any time: whoever holds the capability is the only writer of its blocks, and makes one change
/// of a block at a time. A driver that has died and is back has lost no Write that it answered.
///
/// Lengths are whole blocks, at least one and at most MaxStepBytes; else BadArgument. A step that
/// reaches beyond the last block is BadArgument too, and moves nothing. IoError: the device failed;
/// of a Write, any of its blocks may hold the old bytes, the new ones, or none that can be read.
/// </summary>
[Contract(id: 7, version: 1)]
public interface IBlockDevice
{
    /// <summary>NotFound when the capability's disk or partition is not there (any more).</summary>
    [Op(1), Idempotent] Result<BlockGeometry> Describe();

    [Op(2), Idempotent] Status Read(ulong firstBlock, Span<byte> target);

    /// <summary>
    /// Ok: the bytes are in the device, and read back as written. They survive the loss of power
    /// after the next Flush; until then any of the blocks written since the last one may be lost,
    /// in any order. One block is whole or not there. ReadOnly for a device that is.
    /// </summary>
    [Op(3), Idempotent] Status Write(ulong firstBlock, ReadOnlySpan<byte> source);

    /// <summary>What was answered before survives the loss of power.</summary>
    [Op(4), Idempotent] Status Flush();

    /// <summary>
    /// The blocks' bytes are of no use any more: they read as anything until they are written.
    /// NotSupported where BlockFlags does not have Discards.
    /// </summary>
    [Op(5), Idempotent] Status Discard(ulong firstBlock, ulong blocks);
}

/// <summary>Sizes of a disk or partition.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public record struct BlockGeometry
{
    /// <summary>Most bytes of one Read or Write: what one lease step moves.</summary>
    public const int MaxStepBytes = 64 * 1024;
    /// <summary>Least and greatest size of a block; sizes are powers of two.</summary>
    public const uint MinBlockBytes = 512, MaxBlockBytes = 4096;

    public ulong Blocks;
    public uint BlockBytes;
    public BlockFlags Flags;

    /// <summary>Whether a client can work with it; drivers are not trusted blindly.</summary>
    public readonly bool IsSensible => BlockBytes is >= MinBlockBytes and <= MaxBlockBytes
        && (BlockBytes & BlockBytes - 1) == 0 && Blocks != 0
        && Blocks <= (ulong)long.MaxValue / BlockBytes;
}

[Flags]
public enum BlockFlags : uint
{
    None = 0,
    /// <summary>Write and Discard answer ReadOnly.</summary>
    ReadOnly = 1,
    /// <summary>Discard does something.</summary>
    Discards = 2,
}

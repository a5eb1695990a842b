// One disk as its driver has it: whole, in steps that fit the buffer that the device moves.
//
// Rules: no call waits for ever; a failure that a reset and a second try did not mend is IoError.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks;

public interface IDiskUnit
{
    BlockGeometry Geometry { get; }

    /// <summary>As the disk says it, without padding.</summary>
    string Model { get; }

    /// <summary>What Read fills and Write sends: BlockGeometry.MaxStepBytes.</summary>
    Span<byte> Buffer { get; }

    /// <summary>Whole blocks, inside of the disk, into the first bytes of the buffer.</summary>
    Status Read(ulong firstBlock, int lengthBytes);

    Status Write(ulong firstBlock, int lengthBytes);
    Status Flush();
}

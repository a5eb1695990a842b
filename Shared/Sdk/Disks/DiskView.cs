// The blocks of a unit that one capability stands for.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks;

internal readonly record struct DiskView(IDiskUnit Unit, ulong FirstBlock, ulong Blocks)
{
    public BlockGeometry Geometry => Unit.Geometry with { Blocks = Blocks };

    public bool IsReadOnly => (Unit.Geometry.Flags & BlockFlags.ReadOnly) != 0;

    /// <summary>From a block of the view to one of the disk. BadArgument outside.</summary>
    public Status Place(ref ulong firstBlock, uint lengthBytes)
    {
        uint blockBytes = Unit.Geometry.BlockBytes;
        bool isStep = lengthBytes is not 0 and <= BlockGeometry.MaxStepBytes
            && lengthBytes % blockBytes == 0;
        bool isInside = firstBlock < Blocks && lengthBytes / blockBytes <= Blocks - firstBlock;
        if (!isStep || !isInside) return Status.BadArgument;
        firstBlock += FirstBlock;
        return Status.Ok;
    }
}

// Slots of one directory: where each lies on the volume.
//
// Rules: at most 65,536 slots, whatever the chain says (FAT p. 34), so a chain that bites its tail
// ends here.

using Servers.FatFs.Volumes;
using Shared.Fat;

namespace Servers.FatFs.Directories;

internal sealed class DirectoryFile(FatLayout layout, FatTable table, int blockBytes, uint first)
{
    public const int MaxSlots = 65_536;

    private readonly ClusterChain _chain = new(layout, table, first);
    private readonly uint _blockBytes = (uint)blockBytes;

    public uint First => first;
    public bool IsFixed => first == 0;
    public int SlotsPerBlock => blockBytes / RawEntry.Bytes;

    /// <summary>False behind the last slot that the directory has.</summary>
    public bool TryLocate(int slot, out ulong block, out int offset)
    {
        block = 0;
        ulong at = (ulong)slot * RawEntry.Bytes;
        offset = (int)(at % _blockBytes);
        if (slot >= MaxSlots) return false;
        if (IsFixed)
        {
            if (at >= layout.RootBytes) return false;
            at += layout.RootStart;
        }
        else
        {
            if (!_chain.TryAt((uint)(at / layout.ClusterBytes), out uint cluster)) return false;
            at = layout.ClusterStart(cluster) + at % layout.ClusterBytes;
        }
        block = at / _blockBytes;
        return true;
    }

    /// <summary>The last cluster of a chain that has so many slots.</summary>
    public uint ClusterOf(int slot) =>
        _chain.At((uint)((ulong)slot * RawEntry.Bytes / layout.ClusterBytes));
}

// A set of clusters, one bit each.

using Servers.FatFs.Volumes;
using Shared.Fat;

namespace Servers.FatFs.Checking;

internal sealed class ClusterSet(FatLayout layout)
{
    private const int WordBits = 64;

    private readonly ulong[] _words =
        new ulong[(layout.ClusterCount + FatLayout.FirstCluster + WordBits - 1) / WordBits];

    public bool Contains(uint cluster) =>
        (_words[cluster / WordBits] & 1UL << (int)(cluster % WordBits)) != 0;

    /// <summary>False when it was there.</summary>
    public bool Add(uint cluster)
    {
        if (Contains(cluster)) return false;
        _words[cluster / WordBits] |= 1UL << (int)(cluster % WordBits);
        return true;
    }

    public void Remove(uint cluster) =>
        _words[cluster / WordBits] &= ~(1UL << (int)(cluster % WordBits));
}

// Which badges of an endpoint somebody still holds.
//
// Each incarnation asks before its first request, and forgets what is not among them: it was
// closed while nobody served. The kernel tells of the others with Closed.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Vaults;

public static class LiveBadges
{
    private const int PageBadges = 256;

    /// <summary>Null when the kernel does not say: then nobody is known to be gone.</summary>
    public static HashSet<ulong>? Read(IKernel kernel, Handle endpoint)
    {
        HashSet<ulong> live = [];
        ulong[] badges = new ulong[PageBadges];
        Badge last = default;
        while (true)
        {
            Result<uint> listed = kernel.ListBadges(endpoint, badges, last);
            if (!listed.IsOk) return null;
            if (listed.Value == 0) return live;
            for (int i = 0; i < (int)listed.Value; i++) live.Add(badges[i]);
            last = new Badge(badges[listed.Value - 1]);
        }
    }
}

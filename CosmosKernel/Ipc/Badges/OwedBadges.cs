// Who is charged for what endpoints owe: the process that has minted for the endpoint last, so that
// nobody can leave others without badges by minting and closing (decision 0060).
//
// Rules: nothing is charged to the dead, and nothing to the supervisor, which mints for servers.

using CosmosKernel.Processes;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc.Badges;

static class OwedBadges
{
    /// <summary>The endpoint owes so many more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(Endpoint endpoint, int count)
    {
        endpoint.OwedCount += count;
        if (endpoint.Minter is { } minter && minter.Id.Value == endpoint.MinterId.Value)
            minter.OwedBadges += count;
    }

    /// <summary>
    /// False: the table is full, or so many would be owed for the process that more of them would
    /// leave others without. Who acknowledges what he is told does not see the latter.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayMint(Kernel kernel, Endpoint endpoint, Process minter)
    {
        int owed = IsCharged(endpoint, minter)
            ? minter.OwedBadges : OwedBy(kernel, endpoint, minter);
        return kernel.Badges.FreeCount > owed;
    }

    /// <summary>The process has minted a badge for the endpoint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Charge(Kernel kernel, Endpoint endpoint, Process minter)
    {
        if (!IsCharged(endpoint, minter)) ChargeNow(kernel, endpoint, minter);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IsCharged(Endpoint endpoint, Process minter) =>
        endpoint.Minter == minter && endpoint.MinterId.Value == minter.Id.Value;

    static int OwedBy(Kernel kernel, Endpoint endpoint, Process minter) =>
        kernel.IsSupervisor(minter) ? 0 : minter.OwedBadges + endpoint.OwedCount;

    static void ChargeNow(Kernel kernel, Endpoint endpoint, Process minter)
    {
        if (kernel.IsSupervisor(minter)) return;
        int owed = endpoint.OwedCount;
        Add(endpoint, -owed);
        endpoint.Minter = minter;
        endpoint.MinterId = minter.Id;
        Add(endpoint, owed);
    }
}

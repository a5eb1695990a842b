// One whole audit of revocation: the kernel's slices, summed up.
//
// Rules: between two slices the system goes on. What is being cleared away gets time to end, so
// that only what stays is told.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Services;

/// <param name="LongestNs">The longest slice, with the call into the kernel.</param>
public sealed record RevocationAudit(AuditReport Report, int Slices, ulong LongestNs)
{
    private const ulong SettleNs = 20_000_000;
    private const int SettleTries = 100;

    public bool IsReclaiming => Report.Reclaiming > 0 || Report.ReclaimPending > 0;

    /// <summary>As it is now.</summary>
    public static Result<RevocationAudit> Take(IServices services)
    {
        AuditReport report = default;
        ulong cursor = 0, longestNs = 0;
        int slices = 0;
        do
        {
            ulong startNs = services.NowNs;
            Result<ulong> next = services.Audit(cursor, ref report);
            if (!next.IsOk) return next.Status;
            longestNs = Math.Max(longestNs, services.NowNs - startNs);
            cursor = next.Value;
            slices++;
        }
        while (cursor != 0);
        return new RevocationAudit(report, slices, longestNs);
    }

    /// <summary>When nothing is being cleared away any more; at the latest after seconds.</summary>
    public static Result<RevocationAudit> TakeSettled(IServices services)
    {
        for (int look = 0; ; look++)
        {
            Result<RevocationAudit> taken = Take(services);
            if (!taken.IsOk || !taken.Value.IsReclaiming || taken.Value.Report.Leaked > 0
                || look == SettleTries)
            {
                return taken;
            }

            if (services.Sleep(SettleNs) != Status.Ok) return taken;
        }
    }
}

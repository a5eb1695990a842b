// The audits of one run of stress: after each blow, and when everything has come to rest.
//
// Rules: what has leaked stays, and each later audit finds it again; so the most that one audit has
// found is what counts. The first of them is told.

using System;
using Servers.Shell.Commands.Tasks;
using Servers.Shell.Services;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class StressAudits(CommandContext context)
{
    public int Count { get; private set; }
    public ulong Losses { get; private set; }

    /// <summary>What is being cleared away is no loss.</summary>
    public void Take() => Judge(RevocationAudit.Take(context.Services), isLast: false);

    /// <summary>Nothing may be on its way any more.</summary>
    public void TakeLast() => Judge(RevocationAudit.TakeSettled(context.Services), isLast: true);

    private void Judge(Result<RevocationAudit> taken, bool isLast)
    {
        Count++;
        if (!taken.IsOk)
        {
            Lose(1, $"{taken.Status}");
            return;
        }

        ulong leaked = taken.Value.Report.Leaked;
        if (leaked > Losses)
        {
            foreach (string line in AuditCommand.Findings(context, taken.Value.Report))
                context.WriteLine($"stress: {line}");
        }

        Losses = Math.Max(Losses, leaked);
        if (isLast && taken.Value.IsReclaiming) Lose(1, "still reclaiming");
    }

    private void Lose(ulong count, string reason)
    {
        Losses += count;
        context.WriteLine($"stress: audit: {reason}");
    }
}

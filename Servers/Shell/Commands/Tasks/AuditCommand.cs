// audit: the kernel shows that nothing of the dead is left.

using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Tasks;

public sealed class AuditCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "audit";
    public override string Usage => "audit [-v]";
    public override string Summary => "whether anything of a dead task is left in the kernel";

    public override string Details =>
        """
        The kernel looks at each of its records: handles, calls, leases, waiters, notifications,
        endpoints, vaults, mappings, frames. What still belongs to the dead, or to nobody, is one
        line; what is just being cleared away gets two seconds first. `$?` is 0 only when nothing
        is left. -v tells how many slices the kernel took, and the longest.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "v");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count > 0) return context.WrongUsage();
        Result<RevocationAudit> taken = RevocationAudit.TakeSettled(context.Services);
        if (!taken.IsOk) return context.Fail("kernel", taken.Status);
        AuditReport report = taken.Value.Report;
        foreach (string line in Findings(context, report)) context.WriteLine(line);
        if (taken.Value.IsReclaiming)
        {
            context.WriteLine($"still reclaiming: {report.Reclaiming} records, "
                + $"{report.ReclaimPending} tasks and lists");
        }
        else if (report.Leaked == 0)
        {
            context.WriteLine($"clean: {report.Looked} records, nothing of the dead is left");
        }

        if (options.Has('v'))
        {
            context.WriteLine(
                $"slices: {taken.Value.Slices}, longest: {taken.Value.LongestNs} ns");
        }

        return report.Leaked == 0 && !taken.Value.IsReclaiming
            ? ExitCode.Success
            : ExitCode.Failure;
    }

    /// <summary>One line each; empty when nothing has leaked.</summary>
    public static IEnumerable<string> Findings(CommandContext context, AuditReport report)
    {
        if (report.Leaked == 0) return [];
        Result<IReadOnlyList<ProcessInfo>> processes = context.Shell.Inspector.Processes();
        return AuditText.Findings(report, id => !processes.IsOk ? null
            : processes.Value.FirstOrDefault(one => one.Row.Id == id)?.Name);
    }
}

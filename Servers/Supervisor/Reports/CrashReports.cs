// What is known of each death: cause, place, stack, last words, and how long the recovery took.
//
// Rules: bounded, the oldest report goes first; a report is taken at once, and turned into text
// (with symbols) only when somebody reads it, so that it does not delay the restart.

using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk.Native;

namespace Servers.Supervisor.Reports;

public sealed class CrashReport
{
    /// <summary>Counts all reports since boot.</summary>
    public required ulong Number { get; init; }
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required DeathRecord Record { get; init; }
    public required string LastWords { get; init; }
    /// <summary>0 until the next incarnation has received, and for ever for a program.</summary>
    public ulong RecoveryNs { get; set; }
}

public sealed class CrashReports(Symbols symbols, SupervisorVault vault)
{
    public const int Capacity = 64;

    private readonly List<CrashReport> _reports = vault.LoadReports();

    /// <summary>Part of the vault's next transaction, as the death itself is.</summary>
    public CrashReport Add(string name, string image, in DeathRecord record, string lastWords)
    {
        CrashReport report = new()
        {
            Number = 1 + (_reports.Count == 0 ? 0 : _reports[^1].Number), Name = name,
            Image = image, Record = record, LastWords = lastWords,
        };
        if (_reports.Count == Capacity) _reports.RemoveAt(0);
        _reports.Add(report);
        vault.Stage(report);
        return report;
    }

    /// <summary>Part of the vault's next transaction.</summary>
    public void Keep(CrashReport report)
    {
        // Its place may be another's by now.
        if (_reports.Contains(report)) vault.Stage(report);
    }

    /// <summary>The newest report of a task, by name or process id.</summary>
    public CrashReport? Find(string name)
    {
        ProcessId? id = ProcessNames.Id(name);
        return _reports.FindLast(report =>
            report.Name == name || ProcessNames.Cut(report.Name) == name
            || id is { } process && report.Record.Process == process.Value);
    }

    /// <summary>All reports of a task that are kept, the newest last.</summary>
    public List<CrashReport> Of(string name) => _reports.FindAll(report => report.Name == name);

    /// <summary>Lines of the stack, innermost first.</summary>
    public List<string> StackOf(CrashReport report) =>
        symbols.Describe(report.Image, FixedFields.Frames(report.Record));

    public string Format(CrashReport report)
    {
        DeathRecord record = report.Record;
        StringBuilder text = new();
        text.Append($"{report.Name}[{record.Process}] died: {Cause(record)}");
        text.Append(record.Injected != 0 ? " (injected)\n" : "\n");
        text.Append($"  at {Seconds(record.TimeNs)} s after boot");
        text.Append($", incarnation {record.Incarnation}");
        text.Append($", {record.RequestsRedelivered} requests delivered again\n");
        text.Append(report.RecoveryNs == 0
            ? "  not recovered\n"
            : $"  recovered after {Milliseconds(report.RecoveryNs)}\n");
        ulong[] frames = FixedFields.Frames(record);
        if (frames.Length != 0)
        {
            text.Append("  stack, innermost first:\n");
            foreach (string line in symbols.Describe(report.Image, frames))
            {
                text.Append($"    {line}\n");
            }
        }
        if (report.LastWords.Length != 0)
        {
            text.Append("  last words:\n");
            foreach (string line in report.LastWords.TrimEnd().Split('\n'))
            {
                text.Append($"    {line.TrimEnd()}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>The cause with what belongs to it: exit code, or address.</summary>
    public static string Cause(in DeathRecord record) => record.Cause switch
    {
        DeathCause.Exit => $"Exit({record.ExitCode})",
        DeathCause.PageFault or DeathCause.NullReference or DeathCause.StackOverflow
            or DeathCause.Memory or DeathCause.GeneralProtection
            when record.FaultAddress != 0 => $"{record.Cause} at 0x{record.FaultAddress:x}",
        _ => record.Cause.ToString(),
    };

    public static string Milliseconds(ulong ns) =>
        $"{ns / 1_000_000}.{ns / 1_000 % 1_000:000}ms";

    public static string Seconds(ulong ns) =>
        (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
}

// The lines of `servers -v`: each task, and the last times it died.
//
// Rules: numbers are those of the kernel's death records, and of its list of processes for the
// incarnation that lives. The time to the first answer of an incarnation is in its own record, so
// it stands in the next report.

using System.Collections.Generic;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Servers.Supervisor.Reports;

public sealed class TaskHistories(CrashReports reports, KernelLists lists)
{
    /// <summary>Deaths that are shown of a task.</summary>
    public const int Deaths = 5;
    private const int Frames = 8;

    private readonly ProcessRow[] _processes = new ProcessRow[Limits.Processes];

    public List<string> Lines(IReadOnlyList<ServerTask> tasks)
    {
        List<string> lines = [];
        foreach (ServerTask task in tasks) Add(lines, task);
        return lines;
    }

    private void Add(List<string> lines, ServerTask task)
    {
        List<CrashReport> all = reports.Of(task.Name);
        ulong redelivered = 0, poisoned = 0;
        foreach (CrashReport report in all)
        {
            redelivered += report.Record.RequestsRedelivered;
            poisoned += report.Record.RequestsPoisoned;
        }
        string process = task.IsAlive ? $"[{task.ProcessId}]" : "";
        string incarnation = task.Incarnation == 0 ? "none" : $"{task.Incarnation - 1}";
        lines.Add($"{task.Name}{process}: {ServerList.State(task)}, incarnation {incarnation}, "
            + $"policy {ServerList.Policy(task)}, restarts {task.Restarts}, "
            + $"redelivered {redelivered}, poisoned {poisoned}");
        int first = System.Math.Max(0, all.Count - Deaths);
        for (int index = all.Count - 1; index >= first; index--)
        {
            ulong answeredNs = index + 1 < all.Count
                ? all[index + 1].Record.FirstReplyNs
                : FirstReplyNs(task);
            AddDeath(lines, all[index], answeredNs);
        }
    }

    private void AddDeath(List<string> lines, CrashReport report, ulong answeredNs)
    {
        DeathRecord record = report.Record;
        string injected = record.Injected != 0 ? " (injected)" : "";
        lines.Add($"  {CrashReports.Cause(record)}{injected}"
            + $" at {CrashReports.Seconds(record.TimeNs)} s, incarnation {record.Incarnation}, "
            + $"redelivered {record.RequestsRedelivered}, poisoned {record.RequestsPoisoned}");
        lines.Add($"    received again after {Time(report.RecoveryNs)}, "
            + $"answered again after {Since(record.TimeNs, answeredNs)}");
        List<string> stack = StackOf(report);
        if (stack.Count > Frames) stack.RemoveRange(Frames, stack.Count - Frames);
        foreach (string line in stack) lines.Add($"    {line}");
    }

    /// <summary>
    /// After an exception the kernel sees the exit alone; where it was thrown, the task has said.
    /// </summary>
    private List<string> StackOf(CrashReport report)
    {
        if (report.LastWords.Length == 0) return reports.StackOf(report);
        List<string> words = [];
        foreach (string line in report.LastWords.Split('\n'))
        {
            if (line.Trim().Length != 0) words.Add(line.Trim());
        }
        return words;
    }

    private ulong FirstReplyNs(ServerTask task)
    {
        if (!task.IsAlive) return 0;
        foreach (ref readonly ProcessRow row in lists.Processes(_processes))
        {
            if (row.Id == task.ProcessId.Value) return row.FirstReplyNs;
        }
        return 0;
    }

    private static string Since(ulong deathNs, ulong answeredNs) =>
        Time(answeredNs > deathNs ? answeredNs - deathNs : 0);

    private static string Time(ulong ns) => ns == 0 ? "-" : CrashReports.Milliseconds(ns);
}

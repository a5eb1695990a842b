// The lines of `servers`: a head, then one row for each task that is restarted. Pure.

using System;
using System.Collections.Generic;
using Servers.Supervisor.Reports;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

public static class ServerList
{
    private static readonly string[] Head =
        ["NAME", "PID", "STATE", "POLICY", "RESTARTS", "LAST-DEATH", "RECOVERY", "IMAGE"];

    public static List<string> Lines(ReadOnlySpan<ServerTask> tasks)
    {
        List<string[]> rows = [Head];
        foreach (ServerTask task in tasks) rows.Add(Row(task));
        int[] widths = new int[Head.Length];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++) widths[i] = Math.Max(widths[i], row[i].Length);
        }
        List<string> lines = [];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length - 1; i++) row[i] = row[i].PadRight(widths[i]);
            lines.Add(string.Join("  ", row));
        }
        return lines;
    }

    private static string[] Row(ServerTask task) =>
    [
        task.Name,
        task.IsAlive ? task.ProcessId.ToString() : "-",
        State(task),
        Policy(task),
        task.Restarts.ToString(),
        task.LastCause == DeathCause.None ? "-" : task.LastCause.ToString(),
        task.RecoveryNs == 0 ? "-" : CrashReports.Milliseconds(task.RecoveryNs),
        task.Upgrade is { } upgrade ? $"{task.Image}>{upgrade.Image}" : task.Image,
    ];

    public static string State(ServerTask task) => task.State switch
    {
        _ when task.Running == Running.Stopped && task.IsAlive => "stopped",
        _ when task.Retirement is not null => "retiring",
        TaskState.Waiting => "waiting",
        TaskState.Starting => "starting",
        TaskState.Ready => "ready",
        _ => "given-up",
    };

    /// <summary>As `hold,10/30s`: what clients see, and how many failures in which time.</summary>
    public static string Policy(ServerTask task)
    {
        string failures = task.Spec.Need == Need.Essential
            ? "always"
            : $"{task.Spec.Budget.Failures}/{task.Spec.Budget.WindowMs / 1000}s";
        return task.OnDeath switch
        {
            OnDeath.Vanish => "vanish",
            OnDeath.Fail => $"fail,{failures}",
            _ => $"hold,{failures}",
        };
    }
}

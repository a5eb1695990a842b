// What an audit of revocation has found, in words: one line a finding.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Shell.Formatting;

public static class AuditText
{
    /// <param name="nameOf">The name of a process by its id, or null.</param>
    public static IEnumerable<string> Findings(AuditReport report, Func<uint, string?> nameOf)
    {
        foreach (AuditKind kind in Enum.GetValues<AuditKind>())
        {
            AuditRow row = report[kind];
            if (row.Leaked == 0) continue;
            string line = $"leaked: {row.Leaked} {NameOf(kind)}, the first: {row.FirstIndex}";
            if (row.FirstProcess != 0)
                line += $" of {nameOf(row.FirstProcess) ?? "?"}[{row.FirstProcess}]";
            yield return line;
        }
    }

    public static string NameOf(AuditKind kind) => kind switch
    {
        AuditKind.Handle => "handles without an object or an owner",
        AuditKind.Owner => "handles that the dead own",
        AuditKind.Call => "calls of the dead",
        AuditKind.Reply => "calls in the hands of the dead",
        AuditKind.Lease => "leases of the dead or to them",
        AuditKind.Waiter => "threads that are dead and wait",
        AuditKind.Notification => "notifications for the dead",
        AuditKind.Endpoint => "endpoints that the dead serve",
        AuditKind.Vault => "vaults that the dead have mapped",
        AuditKind.Mapping => "mappings of the dead",
        AuditKind.Frame => "frames that nobody is charged for",
        _ => "records that nothing refers to",
    };
}

// The mounts, read from the lines of the supervisor.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Shell.Services;

public static class MountList
{
    public static Status Lines(IServices services, List<string> lines)
        => TextPages.ReadLines(services.Supervisor.ListMounts, lines);

    public static Status Targets(IServices services, List<string> targets)
    {
        List<string> lines = [];
        Status status = Lines(services, lines);
        foreach (string line in lines) targets.Add(TargetOf(line));
        return status;
    }

    /// <summary>TARGET of `SOURCE on TARGET type TYPE (OPTIONS) by NAME[PID]`.</summary>
    public static string TargetOf(string line)
    {
        const string Before = " on ";
        const string After = " type ";
        int start = line.IndexOf(Before, StringComparison.Ordinal);
        if (start < 0) return line;
        start += Before.Length;
        int end = line.IndexOf(After, start, StringComparison.Ordinal);
        return end < 0 ? line[start..] : line[start..end];
    }

    /// <summary>NAME of the line above.</summary>
    public static string ServerOf(string line)
    {
        int start = line.LastIndexOf(' ') + 1;
        int end = line.LastIndexOf('[');
        return end < start ? line[start..] : line[start..end];
    }
}

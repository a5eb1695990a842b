// Commands that show tasks: ps, servers, caps, waits.

using System;
using System.Collections.Generic;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Tasks;

public sealed class PsCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "ps";
    public override string Usage => "ps";
    public override string Summary => "list the tasks";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        Result<IReadOnlyList<ProcessInfo>> processes = context.Shell.Inspector.Processes();
        if (!processes.IsOk) return context.Fail("tasks", processes.Status);
        Table table = new(
            ">PID", "NAME", "STATE", ">RESTARTS", ">MEMORY", ">HANDLES", ">THREADS", ">CPU");
        foreach (ProcessInfo process in processes.Value)
        {
            ProcessRow row = process.Row;
            table.Add(
                Units.Number(row.Id), process.Name, StatusText.Of(row.State),
                Units.Number(row.Incarnation),
                Units.Size((ulong)row.MemoryPages * Limits.PageBytes),
                Units.Number(row.Handles), Units.Number(row.Threads), Units.Duration(row.CpuNs));
        }
        foreach (string line in table.Lines()) context.WriteLine(line);
        return ExitCode.Success;
    }
}

public sealed class ServersCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "servers";
    public override string Usage => "servers [NAME] | servers -v [NAME]";
    public override string Summary =>
        "restart policy and last death; NAME: its crash report; -v: the last five deaths";

    public override string Details =>
        """
        -v shows of each task: incarnation, requests delivered again and poisoned, and of its last
        five deaths: cause, C# stack, and the times until the next incarnation received, and until
        it had answered its first request.
        """;

    private const int ReportBytes = 16 * 1024;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "v");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count > 1) return context.WrongUsage();
        string name = options.Operands.Count == 0 ? "" : options.Operands[0];
        ISupervisor supervisor = context.Services.Supervisor;
        if (options.Has('v'))
        {
            return List(context, name, (firstLine, text) =>
                supervisor.DescribeServers(name, firstLine, text));
        }
        return name.Length == 0
            ? List(context, name, supervisor.ListServers)
            : Report(context, name);
    }

    private static int List(CommandContext context, string name, TextPages.ReadPage read)
    {
        List<string> lines = [];
        Status status = TextPages.ReadLines(read, lines);
        if (status == Status.NotFound) return context.Fail(name, "no such task");
        if (status != Status.Ok) return context.Fail("list", status);
        foreach (string line in lines) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static int Report(CommandContext context, string name)
    {
        byte[] text = new byte[ReportBytes];
        Result<uint> length = context.Services.Supervisor.CrashReport(name, text);
        if (length.Status == Status.NotFound) return context.Fail(name, "no crash report");
        if (!length.IsOk) return context.Fail(name, length.Status);
        ReadOnlySpan<byte> report = text.AsSpan(0, (int)Math.Min(length.Value, ReportBytes));
        context.Output.Write(report);
        if (report.IsEmpty || report[^1] != (byte)'\n') context.Output.Write("\n");
        return ExitCode.Success;
    }
}

public sealed class CapsCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "caps";
    public override string Usage => "caps NAME|PID";
    public override string Summary => "list what a task may do: its capabilities";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        Result<ProcessInfo> found = context.Shell.Inspector.Find(arguments[0]);
        if (found.Status == Status.NotFound) return context.Fail(arguments[0], "no such task");
        if (!found.IsOk) return context.Fail(arguments[0], found.Status);
        uint process = found.Value.Row.Id;
        Result<IReadOnlyList<CapabilityRow>> rows = context.Shell.Inspector.Capabilities(process);
        if (!rows.IsOk) return context.Fail(arguments[0], rows.Status);
        Table table = new("HANDLE", "OBJECT", "RIGHTS", ">BADGE", "PARENT");
        foreach (CapabilityRow row in rows.Value)
        {
            string vault = row.InVault != 0 ? " (vault)" : "";
            table.Add(
                new Handle(row.HandleValue).ToString(), $"{row.Type} {row.ObjectIndex}{vault}",
                row.Rights.ToString().Replace(", ", "|"), Units.Number(row.Badge), ParentOf(row));
        }
        foreach (string line in table.Lines()) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static string ParentOf(CapabilityRow row)
    {
        if (row.ParentHandle == 0) return "-";
        string handle = new Handle(row.ParentHandle).ToString();
        return row.ParentProcess == 0 ? handle : $"{handle} of {row.ParentProcess}";
    }
}

public sealed class WaitsCommand : Command
{
    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "waits";
    public override string Usage => "waits";
    public override string Summary => "list who waits on whom, on which mount, for how long";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        Result<IReadOnlyList<WaitRow>> waits = context.Shell.Inspector.Waits();
        if (!waits.IsOk) return context.Fail("calls", waits.Status);
        Result<IReadOnlyList<ProcessInfo>> processes = context.Shell.Inspector.Processes();
        if (!processes.IsOk) return context.Fail("tasks", processes.Status);
        Dictionary<uint, string> names = [];
        foreach (ProcessInfo process in processes.Value)
        {
            names[process.Row.Id] = process.Name;
        }
        ulong now = context.Services.NowNs;
        Table table = new("CALLER", "SERVER", "MOUNT", "STATE", ">OPERATION", ">FOR", ">UNTIL");
        foreach (WaitRow row in waits.Value) Add(table, row, names, now);
        foreach (string line in table.Lines()) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static void Add(Table table, WaitRow row, Dictionary<uint, string> names, ulong now)
    {
        string? server = names.GetValueOrDefault(row.ServerProcess);
        string serverText = server is null
            ? $"endpoint {row.EndpointIndex}"
            : row.ServerAlive != 0 ? $"{server}[{row.ServerProcess}]" : $"{server} (dead)";
        string state = row.State switch
        {
            WaitState.Queued => "queued",
            WaitState.Delivered => row.ServerWaits != 0 ? "waits further" : "in its hands",
            _ => "parked",
        };
        if (row.Attempt > 1) state += $", attempt {row.Attempt}";
        string until = row.DeadlineNs == 0 ? "-"
            : row.DeadlineNs <= now ? "overdue"
            : Units.Duration(row.DeadlineNs - now);
        table.Add(
            $"{names.GetValueOrDefault(row.CallerProcess, "?")}[{row.CallerProcess}]", serverText,
            MountOf(server), state, Units.Number(row.Operation),
            Units.Duration(now > row.SinceNs ? now - row.SinceNs : 0), until);
    }

    /// <summary>The server of a mount is called TYPE@TARGET.</summary>
    private static string MountOf(string? server)
    {
        int at = server?.IndexOf('@') ?? -1;
        return at < 0 ? "-" : server![(at + 1)..];
    }
}

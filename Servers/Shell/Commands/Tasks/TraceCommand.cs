// trace: what calls whom, who runs, and who dies, in a file for Perfetto.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Tasks;

public sealed class TraceCommand : Command
{
    private const int StepBytes = 64 * 1024;

    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "trace";
    public override string Usage => "trace on|off|FILE";
    public override string Summary => "record calls, threads and deaths; write them to a file";

    public override string Details =>
        $"""
        `trace on` begins an empty trace in the kernel: calls, deliveries, answers, which thread
        runs, starts and deaths of tasks. It keeps the newest {Limits.TraceRows} events. `trace off`
        ends it. `trace FILE` ends it too, and writes it as JSON, one event a line: drop the file on
        https://ui.perfetto.dev or chrome://tracing. A call that was delivered again after a death
        is marked so. A trace that is off costs nothing.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        bool isOn = arguments[0] == "on";
        Status switched = context.Services.SwitchTrace(isOn ? TraceSwitch.On : TraceSwitch.Off);
        if (switched != Status.Ok) return context.Fail("kernel", switched);
        return isOn || arguments[0] == "off" ? ExitCode.Success : Write(context, arguments[0]);
    }

    private static int Write(CommandContext context, string file)
    {
        Result<IReadOnlyList<TraceRow>> rows = context.Shell.Inspector.Trace();
        if (!rows.IsOk) return context.Fail("kernel", rows.Status);
        Result<IReadOnlyList<ProcessInfo>> processes = context.Shell.Inspector.Processes();
        if (!processes.IsOk) return context.Fail("kernel", processes.Status);
        Dictionary<uint, string> living = [];
        foreach (ProcessInfo process in processes.Value) living[process.Row.Id] = process.Name;
        byte[] text = Encoding.UTF8.GetBytes(TraceJson.Of(rows.Value, living));
        Status written = Put(context, context.PathOf(file), text);
        if (written != Status.Ok) return context.Fail(file, written);
        context.WriteLine($"{rows.Value.Count} events, {text.Length} bytes");
        return ExitCode.Success;
    }

    private static Status Put(CommandContext context, string path, byte[] text)
    {
        Result<OpenFile> opened = context.Files.Open(
            path, OpenMode.Write | OpenMode.Create | OpenMode.Truncate);
        if (!opened.IsOk) return opened.Status;
        using OpenFile file = opened.Value;
        for (int offset = 0; offset < text.Length; offset += StepBytes)
        {
            int count = Math.Min(StepBytes, text.Length - offset);
            Result<uint> step = file.Write((ulong)offset, text.AsSpan(offset, count));
            if (!step.IsOk) return step.Status;
        }
        return Status.Ok;
    }
}

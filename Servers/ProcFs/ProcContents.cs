// Makes the bytes of a file of /proc, at the moment when it is opened.
//
// Rules: asks the kernel, and for mounts the supervisor, which may be silent: then the file cannot
// be opened, and the status says why. What the log may grow to is bounded by its ring.

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.ProcFs;

internal sealed class ProcContents(KernelRows rows, Handle supervisor, Handle log)
{
    private const ulong AskTimeoutNs = 2_000_000_000;
    private const int PageBytes = 4096;
    private const int MaxPages = 256;

    /// <summary>Whether the directory or file is there now.</summary>
    public Status Check(ProcNode node) =>
        node.Process.Value == 0 ? Status.Ok : rows.Process(node.Process).Status;

    public Result<List<ProcessRow>> Processes() => rows.Processes();

    public Result<byte[]> Read(ProcNode node, CallOptions served) => node.Kind switch
    {
        ProcKind.Status => Text(rows.Process(node.Process), row => ProcText.Status(in row)),
        ProcKind.Name => Text(rows.Process(node.Process), row => FixedFields.Name(in row) + "\n"),
        ProcKind.Capabilities => ReadCapabilities(node.Process),
        ProcKind.Mounts => ReadMounts(served),
        ProcKind.Memory => Text(rows.Counters(), row => ProcText.Memory(in row)),
        ProcKind.Log => ReadLog(),
        ProcKind.Waits => ReadWaits(),
        ProcKind.Uptime => Text(rows.Counters(), row => ProcText.Uptime(in row)),
        ProcKind.Images => Text(rows.Images(), ProcText.Images),
        ProcKind.CommandLine => Text(rows.CommandLine(), line => line + "\n"),
        _ => Status.IsDirectory,
    };

    private Result<byte[]> ReadCapabilities(ProcessId process)
    {
        Status status = rows.Process(process).Status;
        return status == Status.Ok
            ? Text(rows.Capabilities(process), ProcText.Capabilities) : status;
    }

    private Result<byte[]> ReadWaits()
    {
        Result<List<ProcessRow>> processes = rows.Processes();
        if (!processes.IsOk) return processes.Status;
        Dictionary<uint, string> names = [];
        foreach (ProcessRow row in processes.Value) names[row.Id] = FixedFields.Name(in row);
        ulong nowNs = rows.Kernel.ClockNow();
        return Text(rows.Waits(), waits => ProcText.Waits(waits, names, nowNs));
    }

    private Result<byte[]> ReadMounts(CallOptions served)
    {
        CallOptions options = served with { DeadlineNs = rows.Kernel.ClockNow() + AskTimeoutNs };
        SupervisorClient client = new(rows.Kernel, supervisor, options);
        using MemoryStream all = new();
        byte[] buffer = new byte[PageBytes];
        ulong line = 0;
        for (int pages = 0; pages < MaxPages; pages++)
        {
            Result<TextPage> page = client.ListMounts(line, buffer);
            if (!page.IsOk) return page.Status;
            int length = (int)Math.Min(page.Value.LengthBytes, (uint)buffer.Length);
            all.Write(buffer, 0, length);
            line = page.Value.NextLine;
            if (length == 0 || line == 0) break;
        }
        return all.ToArray();
    }

    private Result<byte[]> ReadLog()
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[PageBytes];
        ulong cursor = 0;
        while (all.Length < Limits.LogBytes)
        {
            Result<LogPage> page = rows.Kernel.LogRead(log, cursor, buffer);
            if (!page.IsOk) return page.Status;
            if (page.Value.LengthBytes == 0) break;
            all.Write(buffer, 0, (int)Math.Min(page.Value.LengthBytes, (uint)buffer.Length));
            cursor = page.Value.NextCursor;
        }
        return all.ToArray();
    }

    private static Result<byte[]> Text<T>(Result<T> source, Func<T, string> format) =>
        source.IsOk ? Encoding.UTF8.GetBytes(format(source.Value)) : source.Status;
}

// Reads whole tables of the kernel through Inspect.
//
// Rules: each reading is bounded by the kernel's own limits, whatever the cursor says.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.ProcFs;

internal sealed class KernelRows(IKernel kernel, Handle machine)
{
    private const int RowsPerCall = 64;

    public IKernel Kernel { get; } = kernel;

    public Result<List<ProcessRow>> Processes()
    {
        Result<List<ProcessRow>> rows = ReadAll<ProcessRow>(
            InspectKind.Processes, Limits.Processes);
        if (rows.IsOk) rows.Value.Sort((left, right) => left.Id.CompareTo(right.Id));
        return rows;
    }

    /// <summary>NotFound when no such process lives or waits to be collected.</summary>
    public Result<ProcessRow> Process(ProcessId process)
    {
        Result<List<ProcessRow>> rows = Processes();
        if (!rows.IsOk) return rows.Status;
        foreach (ProcessRow row in rows.Value)
        {
            if (row.Id == process.Value) return row;
        }
        return Status.NotFound;
    }

    public Result<List<CapabilityRow>> Capabilities(ProcessId process) =>
        ReadAll<CapabilityRow>(InspectKind.Capabilities, Limits.Capabilities, process);

    public Result<List<WaitRow>> Waits() => ReadAll<WaitRow>(InspectKind.Waits, Limits.Threads);

    public Result<List<ImageRow>> Images() => ReadAll<ImageRow>(InspectKind.Images, 1024);

    public Result<KernelCounters> Counters()
    {
        Result<List<KernelCounters>> rows = ReadAll<KernelCounters>(InspectKind.Counters, 1);
        if (!rows.IsOk) return rows.Status;
        return rows.Value.Count == 0 ? Status.NotFound : rows.Value[0];
    }

    public Result<string> CommandLine()
    {
        byte[] buffer = new byte[4096];
        Result<InspectPage> page = Kernel.Inspect(machine, InspectKind.CommandLine, 0, buffer);
        if (!page.IsOk) return page.Status;
        int length = (int)Math.Min(page.Value.LengthBytes, (uint)buffer.Length);
        return Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\0', '\n');
    }

    private Result<List<T>> ReadAll<T>(
        InspectKind kind, int maxRows, ProcessId process = default) where T : unmanaged
    {
        List<T> all = [];
        T[] rows = new T[RowsPerCall];
        ulong cursor = 0;
        while (all.Count < maxRows)
        {
            Result<InspectPage<T>> page = Kernel.Inspect<T>(
                machine, kind, cursor, rows, process);
            if (!page.IsOk) return page.Status;
            all.AddRange(rows.AsSpan(0, page.Value.Count));
            cursor = page.Value.NextCursor;
            if (cursor == 0) break;
        }
        return all;
    }
}

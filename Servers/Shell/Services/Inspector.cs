// What the kernel knows of processes, handles and waits, as rows.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Shell.Services;

public sealed record ProcessInfo(ProcessRow Row, string Name);

public sealed record ImageInfo(string Name, ulong LengthBytes);

public sealed class Inspector(IServices services)
{
    private const int PageBytes = 16 * 1024;
    /// <summary>Pages that one table may take; beyond it the rest is left out.</summary>
    private const int MaxPages = 512;
    /// <summary>The name is the 48 bytes after the counters of a ProcessRow.</summary>
    private const int ProcessNameOffset = 48;
    private const int ImageNameOffset = 8;
    private const int MaxNameBytes = 56;

    public Result<IReadOnlyList<ProcessInfo>> Processes()
    {
        Status status = ReadRows(InspectKind.Processes, 0, out List<ProcessRow> rows);
        if (status != Status.Ok) return status;
        List<ProcessInfo> processes = new(rows.Count);
        foreach (ProcessRow row in rows)
        {
            processes.Add(new ProcessInfo(row, TextAt(row, ProcessNameOffset)));
        }
        // Rows come in the order of the kernel's table, where places are used again.
        processes.Sort(static (left, right) => left.Row.Id.CompareTo(right.Row.Id));
        return new(Status.Ok, processes);
    }

    public Result<IReadOnlyList<CapabilityRow>> Capabilities(uint process)
    {
        Status status = ReadRows(
            InspectKind.Capabilities, process, out List<CapabilityRow> rows);
        rows.Sort(static (left, right) => IndexOf(left).CompareTo(IndexOf(right)));
        return new(status, rows);
    }

    public Result<IReadOnlyList<WaitRow>> Waits()
    {
        Status status = ReadRows(InspectKind.Waits, 0, out List<WaitRow> rows);
        return new(status, rows);
    }

    public Result<IReadOnlyList<TraceRow>> Trace()
    {
        Status status = ReadRows(InspectKind.Trace, 0, out List<TraceRow> rows);
        return new(status, rows);
    }

    public Result<KernelCounters> Counters()
    {
        Status status = ReadRows(InspectKind.Counters, 0, out List<KernelCounters> rows);
        if (status != Status.Ok) return status;
        return rows.Count == 0 ? Status.NotFound : rows[0];
    }

    public Result<IReadOnlyList<ImageInfo>> Images()
    {
        Status status = ReadRows(InspectKind.Images, 0, out List<ImageRow> rows);
        if (status != Status.Ok) return status;
        List<ImageInfo> images = new(rows.Count);
        foreach (ImageRow row in rows)
        {
            images.Add(new ImageInfo(TextAt(row, ImageNameOffset), row.LengthBytes));
        }
        return new(Status.Ok, images);
    }

    /// <summary>
    /// Images that `run` may be given: not the kernel, its servers and what belongs to images.
    /// </summary>
    public Result<IReadOnlyList<ImageInfo>> Programs()
    {
        Result<IReadOnlyList<ImageInfo>> images = Images();
        if (!images.IsOk) return images;
        Result<IReadOnlyList<ProcessInfo>> processes = Processes();
        if (!processes.IsOk) return processes.Status;
        HashSet<string> taken = ["kernel"];
        foreach (ProcessInfo process in processes.Value) taken.Add(process.Name.Split('@')[0]);
        List<ImageInfo> programs = [];
        foreach (ImageInfo image in images.Value)
        {
            if (!taken.Contains(image.Name) && !image.Name.Contains('.')) programs.Add(image);
        }
        return new(Status.Ok, programs);
    }

    /// <summary>The process of that name or number; NotFound. A living one wins.</summary>
    public Result<ProcessInfo> Find(string nameOrId)
    {
        Result<IReadOnlyList<ProcessInfo>> all = Processes();
        if (!all.IsOk) return all.Status;
        ProcessInfo? found = null;
        foreach (ProcessInfo process in all.Value)
        {
            if (process.Row.Id.ToString() == nameOrId) return process;
            if (process.Name != nameOrId) continue;
            if (found is null || found.Row.State == ProcessState.Zombie) found = process;
        }
        return found is null ? Status.NotFound : found;
    }

    private static uint IndexOf(CapabilityRow row) => new Handle(row.HandleValue).Index;

    private Status ReadRows<T>(InspectKind kind, uint process, out List<T> rows)
        where T : unmanaged
    {
        rows = [];
        byte[] buffer = new byte[PageBytes];
        ulong cursor = 0;
        for (int page = 0; page < MaxPages; page++)
        {
            Result<InspectPage> read = services.Inspect(kind, process, cursor, buffer);
            if (!read.IsOk) return read.Status;
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, (int)read.Value.LengthBytes);
            rows.AddRange(MemoryMarshal.Cast<byte, T>(bytes));
            cursor = read.Value.NextCursor;
            if (cursor == 0) break;
        }
        return Status.Ok;
    }

    private static string TextAt<T>(T row, int offset) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in row))[offset..];
        if (bytes.Length > MaxNameBytes) bytes = bytes[..MaxNameBytes];
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

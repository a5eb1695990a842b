// Turns rows of the kernel into the text of /proc, one function a file.
//
// Rules: pure; each line ends in '\n'; names of fields are words that a script can look for.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Shared.Abi;
using Shared.Sdk.Native;

namespace Servers.ProcFs;

internal static class ProcText
{
    private const ulong KibPerPage = Limits.PageBytes / 1024;

    public static string Status(in ProcessRow row)
    {
        StringBuilder text = new();
        Field(text, "Name", FixedFields.Name(in row));
        Field(text, "Id", $"{row.Id}");
        Field(text, "State", $"{row.State}");
        Field(text, "Cause", $"{row.Cause}");
        Field(text, "Incarnation", $"{row.Incarnation}");
        Field(text, "Priority", $"{row.Priority}");
        Field(text, "Layer", $"{row.LayerValue}");
        ulong used = row.MemoryPages * KibPerPage;
        Field(text, "Memory", $"{used} KiB of {row.MemoryQuotaPages * KibPerPage} KiB");
        Field(text, "Handles", $"{row.Handles} of {row.HandleQuota}");
        Field(text, "Threads", $"{row.Threads} of {row.ThreadQuota}");
        Field(text, "Cpu", Seconds(row.CpuNs));
        Field(text, "Started", Seconds(row.StartedNs));
        return text.ToString();
    }

    public static string Capabilities(List<CapabilityRow> rows)
    {
        StringBuilder text = new();
        text.Append(
            $"{"HANDLE",-14} {"OBJECT",-18} {"BADGE",-18} {"PARENT",-20} {"DEPTH",5} RIGHTS\n");
        foreach (CapabilityRow row in rows)
        {
            string parent = row.ParentHandle == 0
                ? "-" : $"{new Handle(row.ParentHandle)} in {row.ParentProcess}";
            string rights = $"{row.Rights}".Replace(", ", "|", StringComparison.Ordinal);
            string type = $"{row.Type} {row.ObjectIndex}";
            text.Append($"{new Handle(row.HandleValue),-14} {type,-18} {row.Badge,-18:x} ");
            text.Append($"{parent,-20} {row.Depth,5} {rights}\n");
        }
        return text.ToString();
    }

    public static string Memory(in KernelCounters counters)
    {
        StringBuilder text = new();
        ulong usedFrames = counters.TotalFrames - counters.FreeFrames;
        Field(text, "Total", $"{counters.TotalFrames * KibPerPage} KiB");
        Field(text, "Used", $"{usedFrames * KibPerPage} KiB");
        Field(text, "Free", $"{counters.FreeFrames * KibPerPage} KiB");
        Field(text, "KernelHeap", $"{counters.KernelHeapBytes / 1024} KiB");
        Field(text, "KernelCollections", $"{counters.KernelCollections}");
        Field(text, "Processes", $"{counters.Processes}");
        Field(text, "Threads", $"{counters.Threads}");
        Field(text, "Capabilities", $"{counters.Capabilities}");
        Field(text, "Endpoints", $"{counters.Endpoints}");
        Field(text, "Notifications", $"{counters.Notifications}");
        Field(text, "MemoryObjects", $"{counters.MemoryObjects}");
        Field(text, "Vaults", $"{counters.Vaults}");
        Field(text, "Replies", $"{counters.Replies}");
        Field(text, "ReclaimPending", $"{counters.ReclaimPending}");
        Field(text, "SystemCalls", $"{counters.SystemCalls}");
        Field(text, "Interrupts", $"{counters.Interrupts}");
        Field(text, "PageFaults", $"{counters.PageFaults}");
        Field(text, "ContextSwitches", $"{counters.ContextSwitches}");
        Field(text, "Deaths", $"{counters.Deaths}");
        Field(text, "Redeliveries", $"{counters.Redeliveries}");
        return text.ToString();
    }

    public static string Uptime(in KernelCounters counters) =>
        $"{Seconds(counters.UptimeNs)} up, {Seconds(counters.IdleNs)} idle\n";

    public static string Images(List<ImageRow> rows)
    {
        StringBuilder text = new();
        foreach (ImageRow row in rows)
        {
            text.Append($"{row.LengthBytes,10} {FixedFields.Name(in row)}\n");
        }
        return text.ToString();
    }

    /// <summary>Who waits on whom: one line a call, the longest wait first.</summary>
    public static string Waits(
        List<WaitRow> rows, IReadOnlyDictionary<uint, string> names, ulong nowNs)
    {
        StringBuilder text = new();
        text.Append($"{"CALLER",-24} {"SERVER",-24} {"STATE",-10} {"FOR",10} OPERATION ATTEMPT\n");
        List<WaitRow> ordered = [.. rows];
        ordered.Sort((left, right) => left.SinceNs.CompareTo(right.SinceNs));
        foreach (WaitRow row in ordered)
        {
            string server = NameOf(row.ServerProcess, names);
            if (row.ServerAlive == 0) server = $"endpoint {row.EndpointIndex} ({server} is dead)";
            string waited = Seconds(nowNs - Math.Min(nowNs, row.SinceNs));
            text.Append($"{NameOf(row.CallerProcess, names),-24} {server,-24} {row.State,-10} ");
            text.Append($"{waited,10} {row.Operation,9} {row.Attempt,7}\n");
        }
        return text.ToString();
    }

    private static string NameOf(uint process, IReadOnlyDictionary<uint, string> names) =>
        process == 0 ? "nobody"
        : names.TryGetValue(process, out string? name) ? $"{name}[{process}]" : $"[{process}]";

    private static void Field(StringBuilder text, string name, string value) =>
        text.Append($"{name + ":",-18} {value}\n");

    private static string Seconds(ulong ns)
    {
        ulong ms = ns / 1_000_000;
        return string.Create(CultureInfo.InvariantCulture, $"{ms / 1000}.{ms % 1000:D3} s");
    }
}

// The kernel's trace as JSON that Chrome (chrome://tracing) and Perfetto read.
//
// Rules: one event a line, so that a person can search it too. Times are microseconds since boot. A
// call is a slice of its caller's from call to answer, and one of the server's thread from delivery
// to answer; one that a dead server had in its hands ends there, and is delivered again.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Shared.Abi;

namespace Servers.Shell.Formatting;

public sealed class TraceJson
{
    private readonly SortedDictionary<uint, string> _names = [];
    private readonly Dictionary<ulong, TraceRow> _delivered = [], _called = [];
    private readonly List<string> _events = [];

    /// <param name="living">Names of the processes that are there now.</param>
    public static string Of(
        IReadOnlyList<TraceRow> rows, IReadOnlyDictionary<uint, string> living)
    {
        TraceJson json = new();
        foreach ((uint process, string name) in living) json._names[process] = name;
        json.ReadNames(rows);
        foreach (TraceRow row in rows) json.Add(row);
        List<string> lines = [];
        foreach ((uint process, string name) in json._names)
        {
            lines.Add($$"""
                {"name":"process_name","ph":"M","pid":{{process
                    }},"args":{"name":"{{Escape(name)}}"} }
                """);
        }
        lines.AddRange(json._events);
        return "{\"traceEvents\":[\n" + string.Join(",\n", lines) + "\n]}\n";
    }

    private void ReadNames(IReadOnlyList<TraceRow> rows)
    {
        foreach (TraceRow row in rows)
        {
            if (row.Kind != TraceKind.Name) continue;
            ReadOnlySpan<byte> bytes = row.Rest.Text;
            string before = row.Detail == 0 ? "" : _names.GetValueOrDefault(row.Process, "");
            _names[row.Process] = before + Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
        }
    }

    private void Add(in TraceRow row)
    {
        switch (row.Kind)
        {
            case TraceKind.Ran: AddSlice("run", "thread", row, row.Rest.StartNs, ""); break;
            case TraceKind.Call: AddCall(row); break;
            case TraceKind.Deliver: AddDelivery(row); break;
            case TraceKind.Reply:
                EndDelivery(row, "");
                EndCall(row, row.Rest.Peer);
                break;
            case TraceKind.End:
                EndDelivery(row, ",\"lost\":true");
                EndCall(row, row.Process);
                break;
            case TraceKind.Start: AddInstant("start", row, "\"what\":\"process\""); break;
            case TraceKind.Death:
                AddInstant("death", row, $"\"cause\":\"{(DeathCause)row.Detail}\"");
                EndAllOf(row);
                break;
            default: break;
        }
    }

    private void AddCall(in TraceRow row)
    {
        _called[row.Rest.RequestId] = row;
        _events.Add($$"""
            {"name":"op {{row.Code}}","cat":"call","ph":"b","id":"{{row.Rest.RequestId:x}}",{{Place(
                row.Process, row.Rest.Thread)}},"ts":{{Us(row.TimeNs)}}}
            """);
    }

    private void EndCall(in TraceRow row, uint caller)
    {
        if (!_called.Remove(row.Rest.RequestId, out TraceRow call)) return;
        _events.Add($$"""
            {"name":"op {{call.Code}}","cat":"call","ph":"e","id":"{{
                row.Rest.RequestId:x}}",{{Place(caller, call.Rest.Thread)
                }},"ts":{{Us(row.TimeNs)}},"args":{"status":"{{
                (Status)row.Code}}","ns":{{row.TimeNs - call.TimeNs}} } }
            """);
    }

    private void AddDelivery(in TraceRow row)
    {
        _delivered[row.Rest.RequestId] = row;
        if (row.Detail <= 1) return;
        AddInstant("delivered again", row,
            $"\"attempt\":{row.Detail},\"id\":\"{row.Rest.RequestId:x}\"");
    }

    private void EndDelivery(in TraceRow row, string more)
    {
        if (_delivered.Remove(row.Rest.RequestId, out TraceRow start)) AddHandled(start, row, more);
    }

    /// <summary>What its server had in hand when it died.</summary>
    private void EndAllOf(in TraceRow death)
    {
        List<ulong> lost = [];
        foreach ((ulong id, TraceRow start) in _delivered)
            if (start.Process == death.Process) lost.Add(id);
        foreach (ulong id in lost)
        {
            _delivered.Remove(id, out TraceRow start);
            AddHandled(start, death, ",\"lost\":true");
        }
    }

    private void AddHandled(in TraceRow start, in TraceRow end, string more)
    {
        TraceRow slice = start;
        slice.TimeNs = end.TimeNs;
        AddSlice($"op {start.Code}", "handle", slice, start.TimeNs,
            $",\"args\":{{\"caller\":{start.Rest.Peer},\"id\":\"{start.Rest.RequestId:x}\","
            + $"\"attempt\":{start.Detail}{more}}}");
    }

    private void AddSlice(
        string name, string category, in TraceRow row, ulong startNs, string rest) => _events.Add(
        $$"""
        {"name":"{{name}}","cat":"{{category}}","ph":"X",{{Place(row.Process, row.Rest.Thread)
            }},"ts":{{Us(startNs)}},"dur":{{Us(row.TimeNs - startNs)}}{{rest}}}
        """);

    private void AddInstant(string name, in TraceRow row, string arguments) => _events.Add(
        $$"""
        {"name":"{{name}}","ph":"i","s":"p",{{Place(row.Process, row.Rest.Thread)
            }},"ts":{{Us(row.TimeNs)}},"args":{ {{arguments}} } }
        """);

    private static string Place(uint process, uint thread) =>
        $"\"pid\":{process},\"tid\":{thread}";

    private static string Us(ulong ns) =>
        (ns / 1000m).ToString("0.000", CultureInfo.InvariantCulture);

    private static string Escape(string name)
    {
        StringBuilder text = new();
        foreach (char letter in name)
        {
            if (letter is '"' or '\\') text.Append('\\');
            text.Append(letter < ' ' ? ' ' : letter);
        }
        return text.ToString();
    }
}

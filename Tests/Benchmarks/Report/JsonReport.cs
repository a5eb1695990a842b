// All figures of a run, for programs: artifacts/bench.json.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Rows;

namespace Tests.Benchmarks.Report;

/// <param name="Guests">What each guest is, and the command line that started it.</param>
internal sealed record RunDescription(
    DateTimeOffset Start, int Rounds, IReadOnlyDictionary<string, string> Guests);

internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // Command lines have plus and quote marks, and no browser reads this.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(RunDescription run, IEnumerable<Section> sections) =>
        JsonSerializer.Serialize(
            new
            {
                run.Start, run.Rounds, run.Guests,
                Sections = sections.Select(section => new
                {
                    section.Title, Unit = section.IsInstructions ? "instructions" : "nanoseconds",
                    section.Caveat, Rows = section.Rows.Select(Describe),
                }),
            },
            s_options) + "\n";

    private static object Describe(MeasuredRow row) => new
    {
        row.Row.Name, row.Ours, Peer = Describe(row.Peer), Limit = Describe(row.Limit),
        Cached = Describe(row.Cached), row.Ratio,
        Goal = row.Goal == Goal.None ? null : row.Goal, row.Verdict,
    };

    private static object? Describe(NamedFigure? named) => named is null ? null : new
    {
        named.Name, named.Figure.Count, named.Figure.Median, named.Figure.P90, named.Figure.P99,
        named.Figure.Max,
    };
}

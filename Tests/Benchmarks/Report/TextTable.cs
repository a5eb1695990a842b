// A section as a table that a person reads: aligned text, which is a Markdown table as well.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Rows;

namespace Tests.Benchmarks.Report;

internal static class TextTable
{
    private static readonly string[] Head =
    [
        "row", "ours", "p99", "count", "limit", "peer", "p99", "which", "cached", "ours/peer",
        "goal", "met",
    ];

    public static string Of(Section section)
    {
        string[][] cells = [Head, .. section.Rows.Select(Cells)];
        int[] widths = [.. Head.Select((_, column) => cells.Max(row => row[column].Length))];
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{section.Title}: {section.Unit}\n");
        text.Append(section.Caveat).Append("\n\n");
        for (int i = 0; i < cells.Length; i++)
        {
            text.Append(Line(cells[i], widths));
            if (i == 0) text.Append(Rule(widths));
        }
        return text.ToString();
    }

    /// <summary>How many goals are met, of those that could be judged.</summary>
    public static string Summary(Section section)
    {
        int met = section.Rows.Count(row => row.Verdict == Verdict.Met);
        int missed = section.Rows.Count(row => row.Verdict == Verdict.Missed);
        return $"{section.Title}: {met} of {met + missed} goals met";
    }

    private static string[] Cells(MeasuredRow row)
    {
        Measure measure = row.Row.Measure;
        Figure? peer = row.Peer?.Figure;
        return
        [
            row.Row.Name, Median(row.Ours, measure), P99(row.Ours, measure),
            Count(row.Ours ?? peer), Median(row.Limit?.Figure, measure), Median(peer, measure),
            P99(peer, measure), Which(row), Median(row.Cached?.Figure, measure), Ratio(row.Ratio),
            row.Goal.Text(measure),
            row.Verdict switch { Verdict.Met => "yes", Verdict.Missed => "no", _ => "-" },
        ];
    }

    /// <summary>The peer without the words of the row.</summary>
    private static string Which(MeasuredRow row) => row.Peer?.Name.Split(' ')[0] ?? "-";

    private static string Median(Figure? figure, Measure measure) =>
        figure is null ? "-" : Quantity.Short(figure.Median, measure);

    private static string P99(Figure? figure, Measure measure) =>
        figure is null ? "-" : Quantity.Short(figure.P99, measure);

    private static string Count(Figure? figure) =>
        figure?.Count.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Ratio(double? ratio) =>
        ratio?.ToString(ratio < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>Names to the left, numbers to the right.</summary>
    private static string Line(string[] cells, int[] widths) => "| " + string.Join(" | ",
        cells.Select((cell, column) => IsText(column)
            ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |\n";

    private static string Rule(int[] widths) => "|" + string.Join("|",
        widths.Select((width, column) => IsText(column)
            ? new string('-', width + 2) : new string('-', width + 1) + ":")) + "|\n";

    private static bool IsText(int column) => Head[column] is "row" or "which" or "met";
}

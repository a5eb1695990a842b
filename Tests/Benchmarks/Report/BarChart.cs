// The medians of a run as a picture: artifacts/bench.svg. For each row a bar of ours, one of the
// peer, and one of Linux's kernel.
//
// Rules: lengths are logarithmic, from 100 to the longest bar's power of ten, because rows differ
// by four powers of ten. Each bar says its number.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security;
using System.Text;
using Tests.Benchmarks.Rows;

namespace Tests.Benchmarks.Report;

internal static class BarChart
{
    private const int Left = 180, Width = 560, Right = 200, BarHeight = 9, RowGap = 7;
    private const int HeadHeight = 56, Margin = 12;
    private const double Least = 2;

    private sealed record Bar(string Colour, string Label, long Median);

    public static string Of(IReadOnlyCollection<Section> sections)
    {
        StringBuilder body = new();
        int top = Margin;
        foreach (Section section in sections) top = Draw(body, section, top);
        int width = Left + Width + Right, height = top + Margin;
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"
              viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">
            <rect width="{width}" height="{height}" fill="white"/>
            {body}</svg>

            """);
    }

    /// <summary>Returns where the next section begins.</summary>
    private static int Draw(StringBuilder body, Section section, int top)
    {
        double most = Most(section);
        Text(body, Margin, top + 14, "start", $"CosmosKernel beside Linux: {section.Title}", 14);
        Text(body, Margin, top + 30, "start", $"Medians in {section.Unit}; lengths are "
            + "logarithmic, shorter is better. Blue: ours. Orange: the best of FUSE, pipe, ... "
            + "Grey: inside of Linux's kernel.");
        int y = top + HeadHeight, bottom = y + Times(section).Sum(RowHeight);
        Grid(body, most, y - 6, bottom);
        foreach (MeasuredRow row in Times(section))
        {
            Bar[] bars = Bars(row);
            int middle = y + bars.Length * BarHeight / 2 + 4;
            Text(body, Left - 6, middle, "end", row.Row.Name, 11);
            for (int i = 0; i < bars.Length; i++) Draw(body, bars[i], y + i * BarHeight, most);
            y += RowHeight(row);
        }
        return bottom + HeadHeight / 2;
    }

    private static void Draw(StringBuilder body, Bar bar, int y, double most)
    {
        double length = Length(bar.Median, most);
        body.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{Left}\" y=\"{y}\" width=\"{length:0.#}\" height=\"{BarHeight - 1}\" "
            + $"fill=\"{bar.Colour}\"/>\n");
        Text(body, Left + length + 4, y + BarHeight - 1, "start", bar.Label, 8);
    }

    /// <summary>A line for each power of ten.</summary>
    private static void Grid(StringBuilder body, double most, int top, int bottom)
    {
        for (double power = Least + 1; power <= most; power++)
        {
            long value = (long)Math.Pow(10, power);
            double x = Left + Length(value, most);
            body.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{x:0.#} {top}V{bottom}\" stroke=\"#ddd\"/>\n");
            Text(body, x, top - 2, "middle", $"{value / 1000}", 8);
        }
    }

    /// <summary>Bytes and shares have no place among them.</summary>
    private static IEnumerable<MeasuredRow> Times(Section section) =>
        section.Rows.Where(row => row.Row.Measure == Measure.Clock);

    private static Bar[] Bars(MeasuredRow row) =>
    [
        .. row.Ours is { } ours
            ? [new Bar("#2563eb", Label(ours.Median, "ours"), ours.Median)] : (Bar[])[],
        .. row.Peer is { } peer
            ? [new Bar("#ea8a1f", Label(peer.Figure.Median, First(peer.Name)),
                peer.Figure.Median)] : (Bar[])[],
        .. row.Limit is { } limit
            ? [new Bar("#9ca3af", Label(limit.Figure.Median, First(limit.Name)),
                limit.Figure.Median)] : (Bar[])[],
    ];

    private static string Label(long median, string who) => $"{Quantity.Short(median)} {who}";

    private static string First(string name) => name.Split(' ')[0];

    private static int RowHeight(MeasuredRow row) => Bars(row).Length * BarHeight + RowGap;

    private static double Most(Section section) => Math.Ceiling(Math.Max(Least + 1,
        Times(section).SelectMany(Bars).Select(bar => Power(bar.Median)).DefaultIfEmpty().Max()));

    private static double Power(long median) => Math.Log10(Math.Max(1, median));

    private static double Length(long median, double most) =>
        Math.Max(1, Width * (Power(median) - Least) / (most - Least));

    private static void Text(
        StringBuilder body, double x, int y, string anchor, string text, int size = 10) =>
        body.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{x:0.#}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\">"
            + $"{SecurityElement.Escape(text)}</text>\n");
}

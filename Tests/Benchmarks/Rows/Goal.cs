// What a row shall reach in one section, and whether it does.

using System.Globalization;
using System.Linq;
using Tests.Benchmarks.Figures;

namespace Tests.Benchmarks.Rows;

internal enum Verdict { Unknown, Met, Missed }

/// <summary>Limits on our figure. All that are given must hold; none is no goal.</summary>
/// <param name="Median">At most, in what the row measures.</param>
/// <param name="P99">At most, in what the row measures.</param>
/// <param name="Ratio">Of our median to the peer's, at most.</param>
/// <param name="Least">Of the median; for shares, of which more is better.</param>
/// <param name="Max">At most, the highest of all that was measured.</param>
internal sealed record Goal(
    long? Median = null, long? P99 = null, double? Ratio = null, long? Least = null,
    long? Max = null)
{
    public static readonly Goal None = new();
    public static readonly Goal FasterThanPeer = new(Ratio: 1);
    public static readonly Goal HalfOfPeer = new(Ratio: 0.5);

    public Verdict Judge(Figure? ours, Figure? peer)
    {
        if (this == None || ours is null || Ratio is not null && peer is null)
            return Verdict.Unknown;
        bool isMet = (Median is not { } median || ours.Median <= median)
            && (P99 is not { } p99 || ours.P99 <= p99)
            && (Max is not { } max || ours.Max <= max)
            && (Least is not { } least || ours.Median >= least)
            && (Ratio is not { } ratio || ours.Median <= ratio * peer!.Median);
        return isMet ? Verdict.Met : Verdict.Missed;
    }

    public override string ToString() => Text(Measure.Clock);

    public string Text(Measure measure)
    {
        string[] parts =
        [
            Median is { } median ? Quantity.Short(median, measure) : "",
            P99 is { } p99 ? $"p99 {Quantity.Short(p99, measure)}" : "",
            Max is { } max ? $"max {Quantity.Short(max, measure)}" : "",
            Least is { } least ? $"at least {Quantity.Short(least, measure)}" : "",
            Ratio is { } times
                ? string.Create(CultureInfo.InvariantCulture, $"{times:0.##} x peer") : "",
        ];
        string text = string.Join(", ", parts.Where(part => part.Length > 0));
        return text.Length > 0 ? text : "-";
    }
}

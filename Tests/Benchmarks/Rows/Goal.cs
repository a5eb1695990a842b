// What a row shall reach in one section, and whether it does.

using System.Globalization;
using Tests.Benchmarks.Figures;

namespace Tests.Benchmarks.Rows;

internal enum Verdict { Unknown, Met, Missed }

/// <summary>Limits on our figure. All that are given must hold; none is no goal.</summary>
/// <param name="Median">At most, in nanoseconds or instructions.</param>
/// <param name="P99">At most, in nanoseconds or instructions.</param>
/// <param name="Ratio">Of our median to the peer's, at most.</param>
internal sealed record Goal(long? Median = null, long? P99 = null, double? Ratio = null)
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
            && (Ratio is not { } ratio || ours.Median <= ratio * peer!.Median);
        return isMet ? Verdict.Met : Verdict.Missed;
    }

    public override string ToString()
    {
        if (this == None) return "-";
        string median = Median is { } most ? Quantity.Short(most) : "";
        string p99 = P99 is { } high ? $", p99 {Quantity.Short(high)}" : "";
        string ratio = Ratio is { } times
            ? string.Create(CultureInfo.InvariantCulture, $"{times:0.##} x peer") : "";
        return median + p99 + ratio;
    }
}

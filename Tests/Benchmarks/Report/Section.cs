// The rows of one clock, with what the guests have measured.

using System.Collections.Generic;
using System.Linq;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Rows;
using Tests.Rig.Machine;

namespace Tests.Benchmarks.Report;

/// <summary>One row, measured. What was not measured is null.</summary>
internal sealed record MeasuredRow(
    Row Row, Goal Goal, Figure? Ours, NamedFigure? Peer, NamedFigure? Limit, NamedFigure? Cached)
{
    /// <summary>Of our median to the peer's: below 1 is faster.</summary>
    public double? Ratio =>
        Ours is null || Peer is null or { Figure.Median: 0 } ? null
            : (double)Ours.Median / Peer.Figure.Median;

    public Verdict Verdict => Goal.Judge(Ours, Peer?.Figure);
}

internal sealed record Section(GuestClock Clock, IReadOnlyList<MeasuredRow> Rows)
{
    public bool IsInstructions => Clock == GuestClock.Instructions;

    public string Title => IsInstructions ? "instructions" : "wall clock";

    public string Unit => IsInstructions ? "thousands of guest instructions" : "microseconds";

    /// <summary>What a reader must know before the numbers are believed.</summary>
    public string Caveat => IsInstructions
        ? "Counted by QEMU (-icount shift=0), the same in every run but for interrupts."
        : "Under TCG, on a busy or idle host: an address-space switch flushes the emulator's "
            + "whole TLB, for FUSE and pipes too. tmpfs is only reported.";

    /// <summary>Rows about which nobody has said anything are left out.</summary>
    public static Section From(GuestClock clock, FigureSet ours, FigureSet linux) => new(
        clock, [.. RowTable.All.Select(row => Measure(clock, row, ours, linux))
            .Where(row => row.Ours is not null || row.Peer is not null)]);

    private static MeasuredRow Measure(
        GuestClock clock, Row row, FigureSet ours, FigureSet linux) => new(
        row, clock == GuestClock.Instructions ? row.Instructions : row.WallClock,
        row.Ours.Select(ours.Find).FirstOrDefault(figure => figure is not null),
        linux.Best(row.Peers), linux.Best(row.Limit is { } limit ? [limit] : []),
        linux.Best(row.Cached));
}

// One row of the comparison: what is measured, what of Linux stands beside it, what is the goal.

using System.Collections.Generic;

namespace Tests.Benchmarks.Rows;

internal sealed record Row(string Name)
{
    /// <summary>What our guest calls it; the first one that is there counts.</summary>
    public IReadOnlyList<string> Ours { get; init; } = [Name];

    /// <summary>
    /// What can be restarted on Linux, or is done by two processes there; the best one counts.
    /// </summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>What Linux does inside of its kernel: reported, and no rival.</summary>
    public string? Limit { get; init; }

    /// <summary>What Linux's kernel answers in place of a file server.</summary>
    public IReadOnlyList<string> Cached { get; init; } = [];

    public Measure Measure { get; init; } = Measure.Clock;

    public Goal Instructions { get; init; } = Goal.None;
    public Goal WallClock { get; init; } = Goal.None;
}

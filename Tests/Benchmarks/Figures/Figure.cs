// One figure of a guest: how long something took, many times.
//
// Rules: nanoseconds of the guest's clock, which are instructions under -icount. Both guests print
// the same line: Tests/Guest/Bench/Distribution.cs and Tests/Benchmarks/Peer/Source/measure.c.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Tests.Benchmarks.Figures;

internal sealed partial record Figure(long Count, long Median, long P90, long P99, long Max)
{
    /// <summary>The name and the figure of a line, or null where it is some other line.</summary>
    public static (string Name, Figure Figure)? Parse(string line)
    {
        Match match = Line().Match(line.Trim());
        if (!match.Success) return null;
        long[] numbers = new long[5];
        for (int i = 0; i < numbers.Length; i++)
        {
            string text = match.Groups[i + 2].Value;
            if (!long.TryParse(
                text, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return (match.Groups[1].Value,
            new Figure(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]));
    }

    /// <summary>Of several rounds: the median of each number, and the sum of the counts.</summary>
    public static Figure Over(IReadOnlyCollection<Figure> rounds) => new(
        rounds.Sum(round => round.Count), Middle(rounds, round => round.Median),
        Middle(rounds, round => round.P90), Middle(rounds, round => round.P99),
        Middle(rounds, round => round.Max));

    private static long Middle(IReadOnlyCollection<Figure> rounds, Func<Figure, long> number) =>
        rounds.Select(number).Order().ElementAt((rounds.Count - 1) / 2);

    [GeneratedRegex(@"^(\S.*?): count (\d+) median (\d+) p90 (\d+) p99 (\d+) max (\d+)$")]
    private static partial Regex Line();
}

// One run of the swarm as a value: how it is had again, and made smaller while it still fails.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Simulation.Swarm;

/// <param name="Skipped">Steps at which the thread that runs does nothing, in ascending
/// order.</param>
sealed record SwarmCase(int Seed, int Steps, IReadOnlyList<Range> Skipped)
{
    /// <summary>The variable that makes the test run one case alone.</summary>
    public const string Variable = "COSMOS_SWARM";
    const int MaxTries = 300, FirstChunk = 1024;

    public SwarmCase(int seed, int steps) : this(seed, steps, [])
    {
    }

    public bool Skips(int step)
    {
        foreach (Range range in Skipped)
            if (step >= range.Start.Value && step < range.End.Value) return true;
        return false;
    }

    public static SwarmCase? Wanted() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    public override string ToString() =>
        $"{Seed}:{Steps}:{string.Join(',', Skipped.Select(range => $"{range.Start}-{range.End}"))}";

    public static SwarmCase Parse(string text)
    {
        string[] parts = text.Split(':');
        return new SwarmCase(int.Parse(parts[0]), int.Parse(parts[1]),
            [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(range =>
            {
                string[] ends = range.Split('-');
                return int.Parse(ends[0])..int.Parse(ends[1]);
            })]);
    }

    /// <summary>The one command that has this run again.</summary>
    public string Command =>
        $"{Variable}='{this}' dotnet run build.cs test --host --filter Swarm_keeps";

    /// <summary>A case that fails too, with as few steps in it as can be found.</summary>
    public static (SwarmCase Case, string Failure) Shrink(
        SwarmCase failing, string failure, Func<SwarmCase, (string? Failure, int Step)> run)
    {
        int tries = 0;
        bool Fails(SwarmCase candidate)
        {
            if (tries++ >= MaxTries || run(candidate) is not ({ } found, var step)) return false;
            failing = candidate with { Steps = Math.Min(candidate.Steps, step + 1) };
            failure = found;
            return true;
        }

        Fails(failing);
        for (int chunk = FirstChunk; chunk >= 16; chunk /= 4)
        {
            for (int first = failing.Steps; first > -chunk; first -= chunk)
            {
                if (first >= failing.Steps) continue;
                Fails(failing with
                {
                    Skipped = Join(failing.Skipped, Math.Max(0, first)..(first + chunk)),
                });
            }
        }

        return (failing, failure);
    }

    static List<Range> Join(IEnumerable<Range> ranges, Range added)
    {
        List<Range> joined = [];
        foreach (Range range in ranges.Append(added).OrderBy(range => range.Start.Value))
        {
            if (joined.Count != 0 && range.Start.Value <= joined[^1].End.Value)
            {
                int end = Math.Max(joined[^1].End.Value, range.End.Value);
                joined[^1] = joined[^1].Start.Value..end;
            }
            else joined.Add(range);
        }

        return joined;
    }
}

/// <summary>What has happened, to show that it has.</summary>
sealed class SwarmTally
{
    public int Calls, Replies, RepliesWithBytes, RepliesThatMint, Redeliveries, Audits, Deaths;
    public int LateCloses, KeptOpen, Parts;
    public readonly SortedDictionary<string, int> Ends = [];

    public void Add(SwarmTally other)
    {
        Calls += other.Calls;
        Replies += other.Replies;
        RepliesWithBytes += other.RepliesWithBytes;
        RepliesThatMint += other.RepliesThatMint;
        LateCloses += other.LateCloses;
        KeptOpen += other.KeptOpen;
        Parts += other.Parts;
        Redeliveries += other.Redeliveries;
        Audits += other.Audits;
        Deaths += other.Deaths;
        foreach ((string end, int count) in other.Ends) Count(end, count);
    }

    public void Count(string end, int count = 1) => Ends[end] = Ends.GetValueOrDefault(end) + count;

    public override string ToString() => $"{Calls} calls, {Replies} replies, {Deaths} deaths, "
        + $"{Redeliveries} redeliveries, {Audits} audits; calls that ended otherwise: "
        + string.Join(", ", Ends.Select(end => $"{end.Key} {end.Value}"));
}

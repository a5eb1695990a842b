// A random run as a value: how it is had again, and made smaller while it still fails.

using System;
using System.Collections.Generic;
using System.Linq;
using Tests.Simulation.Kills;

namespace Tests.Simulation.Work;

/// <param name="Skipped">Numbers of operations that are left out.</param>
/// <param name="Kills">The only kills there are; null: as the seed says.</param>
public sealed record RandomCase(
    int Seed, int Rounds, IReadOnlySet<int> Skipped, IReadOnlyList<KillAt>? Kills)
{
    /// <summary>The variable that makes the test run one case alone.</summary>
    public const string Variable = "COSMOS_REPLAY";
    public const int UsualRounds = 4;
    const int MaxTries = 400;

    public RandomCase(int seed) : this(seed, UsualRounds, new HashSet<int>(), null)
    {
    }

    /// <summary>The case that was asked for from outside, or null.</summary>
    public static RandomCase? Wanted() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    public override string ToString()
    {
        string text = $"seed={Seed};rounds={Rounds};skip={string.Join(',', Skipped.Order())}";
        return Kills is null ? text : $"{text};kills={string.Join(',', Kills)}";
    }

    public static RandomCase Parse(string text)
    {
        Dictionary<string, string[]> parts = text.Split(';')
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part.Length < 2 ? [] : part[1].Split(
                ',', StringSplitOptions.RemoveEmptyEntries));
        return new RandomCase(
            int.Parse(parts["seed"][0]),
            parts.TryGetValue("rounds", out string[]? rounds) ? int.Parse(rounds[0]) : UsualRounds,
            parts.GetValueOrDefault("skip", []).Select(int.Parse).ToHashSet(),
            parts.TryGetValue("kills", out string[]? kills)
                ? [.. kills.Select(KillAt.Parse)] : null);
    }

    /// <summary>The one command that has this run again.</summary>
    public string Command =>
        $"{Variable}='{this}' dotnet run build.cs test --host --filter Random_work";

    /// <summary>
    /// A case with as few kills and operations as can be found that fails too, and how.
    /// </summary>
    public static (RandomCase Case, string Failure) Shrink(
        RandomCase failing, string failure, Func<RandomCase, (string? Failure, int Operations)> run)
    {
        int tries = 0;
        bool Fails(RandomCase candidate)
        {
            if (tries++ >= MaxTries || run(candidate).Failure is not { } found) return false;
            (failing, failure) = (candidate, found);
            return true;
        }

        for (int rounds = 1; rounds < failing.Rounds; rounds++)
            if (Fails(failing with { Rounds = rounds })) break;
        RemoveParts(failing.Kills!.ToList(), kills => Fails(failing with { Kills = kills }));
        List<int> kept = [.. Enumerable.Range(0, run(failing).Operations)];
        RemoveParts(kept, some => Fails(failing with
        {
            Skipped = Enumerable.Range(0, kept.Count).Except(some).ToHashSet(),
        }));
        return (failing, failure);
    }

    /// <summary>Leaves out parts of the list, large ones first, as long as it is good.</summary>
    static void RemoveParts<T>(List<T> all, Func<List<T>, bool> isGood)
    {
        List<T> list = all;
        for (int size = list.Count; size > 0; size /= 2)
        {
            for (int first = 0; first < list.Count;)
            {
                List<T> rest = [.. list.Take(first), .. list.Skip(first + size)];
                if (isGood(rest)) list = rest;
                else first += size;
            }
        }
    }
}

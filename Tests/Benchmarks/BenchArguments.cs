// What `bench` is asked for: which guests, which clocks, how often; or single measurements.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal sealed record BenchArguments
{
    private const int MostRounds = 99;

    /// <summary>Measurements that are run alone; none is the comparison.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];
    public int Rounds { get; private init; } = 3;
    public bool HasOurs { get; private init; } = true;
    public bool HasPeer { get; private init; } = true;
    public IReadOnlyList<GuestClock> Clocks { get; private init; } =
        [GuestClock.Instructions, GuestClock.Host];

    public static BenchArguments Parse(IReadOnlyList<string> words)
    {
        BenchArguments parsed = new();
        for (int i = 0; i < words.Count; i++)
        {
            parsed = words[i] switch
            {
                "--no-peer" => parsed with { HasPeer = false },
                "--peer-only" => parsed with { HasOurs = false },
                "--icount" => parsed with { Clocks = [GuestClock.Instructions] },
                "--rounds" => parsed with { Rounds = Number(words.ElementAtOrDefault(++i)) },
                var word when word.StartsWith('-') =>
                    throw new RigException($"bench: {word}: unknown option"),
                var name => parsed with { Names = [.. parsed.Names, name] },
            };
        }
        if (!parsed.HasOurs && !parsed.HasPeer)
            throw new RigException("bench: --no-peer and --peer-only leave nothing");
        return parsed;
    }

    private static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number is > 0 and <= MostRounds ? number
            : throw new RigException($"bench: --rounds: a number from 1 to {MostRounds}");
}

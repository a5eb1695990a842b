// A run that goes on with fresh seeds until its time is over, for `build.cs soak`.
//
// Rules: the variable holds the first seed and the seconds. Each seed that fails is printed by its
// test with the command that runs it again, as ever.

using System;
using System.Diagnostics;

namespace Tests.Simulation.Swarm;

public sealed class SoakTime
{
    /// <summary>SEED:SECONDS, or nothing in the normal run.</summary>
    public const string Variable = "COSMOS_SOAK";

    readonly long start = Stopwatch.GetTimestamp();
    readonly TimeSpan length;

    SoakTime(int firstSeed, int seconds)
    {
        FirstSeed = firstSeed;
        length = TimeSpan.FromSeconds(seconds);
    }

    public int FirstSeed { get; }
    public bool IsOver => Stopwatch.GetElapsedTime(start) >= length;

    /// <summary>Null: this is a normal run.</summary>
    public static SoakTime? Wanted()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text) return null;
        string[] parts = text.Split(':');
        return new SoakTime(int.Parse(parts[0]), int.Parse(parts[1]));
    }
}

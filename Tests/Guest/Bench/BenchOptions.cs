// What the command line asks for.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Tests.Guest.Bench;

/// <summary>The run cannot go on, and says why in one line.</summary>
internal sealed class BenchException(string message) : Exception(message);

internal enum SpareUse { Yes, No }

/// <summary>How the calls of `callers` end.</summary>
internal enum CallsEnd { Killed, Unmounted, Failed, Vanished }

internal sealed record BenchOptions
{
    private const string Usage =
        "usage: calls|processes|files|umounts|reclaim|memory|boot|stretches|callers|"
        + "pauses|recovery|rates|upgrade [OPTION...]";

    public required string Name { get; init; }
    public int Kills { get; private set; } = 500;
    public int Files { get; private set; } = 1000;
    public int Count { get; private set; } = 400;
    /// <summary>The one row that is measured, or null for all.</summary>
    public string? Row { get; private set; }
    /// <summary>File that a helper makes when it is ready.</summary>
    public string Mark { get; private set; } = "";
    public int Seconds { get; private set; } = 5;
    public SpareUse Spare { get; private set; } = SpareUse.Yes;
    public CallsEnd End { get; private set; } = CallsEnd.Killed;

    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) throw new BenchException(Usage);
        BenchOptions options = new() { Name = arguments[0] };
        for (int i = 1; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--no-spare": options.Spare = SpareUse.No; break;
                case "--end": options.End = EndOf(arguments, ++i); break;
                case "--kills": options.Kills = Number(arguments, ++i); break;
                case "--files": options.Files = Number(arguments, ++i); break;
                case "--count": options.Count = Number(arguments, ++i); break;
                case "--row" when i + 1 < arguments.Count: options.Row = arguments[++i]; break;
                case "--mark" when i + 1 < arguments.Count: options.Mark = arguments[++i]; break;
                case "--seconds": options.Seconds = Number(arguments, ++i); break;
                default: throw new BenchException($"{arguments[i]}: unknown option");
            }
        }
        return options;
    }

    private static CallsEnd EndOf(IReadOnlyList<string> arguments, int index)
    {
        string text = index < arguments.Count ? arguments[index] : "";
        return text switch
        {
            "killed" => CallsEnd.Killed,
            "unmounted" => CallsEnd.Unmounted,
            "failed" => CallsEnd.Failed,
            "vanished" => CallsEnd.Vanished,
            _ => throw new BenchException(
                $"{text}: --end is one of killed, unmounted, failed, vanished"),
        };
    }

    private static int Number(IReadOnlyList<string> arguments, int index)
    {
        string text = index < arguments.Count ? arguments[index] : "";
        bool isGood = int.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;
        return isGood ? number : throw new BenchException($"{text}: not a number");
    }
}

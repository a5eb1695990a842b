// Our side of the comparison: boots the system, types each measurement, reads the figures.
//
// Rules: a measurement that this build does not have, or that fails, is said once and leaves its
// rows empty; the others go on.

using System;
using System.Collections.Generic;
using System.Linq;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Peer;
using Tests.Benchmarks.Rows;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal sealed class CosmosGuest(Progress progress)
{
    /// <summary>What `run` starts: Tests/Guest/Bench and Tests/Guest/BenchIo.</summary>
    private static readonly string[] Measurements =
    [
        "bench memory", "bench boot", "bench calls", "bench processes", "bench files", "benchio",
        "bench umounts", "bench reclaim", "bench stretches", "bench recovery --kills 100",
        "bench rates --seconds 1", "bench pauses --count 4000",
    ];

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _said = [];

    public static QemuOptions Options(GuestClock clock) => new()
    {
        Clock = clock, Processor = PeerMachine.Processor,
    };

    /// <summary>The machine and the images that the goal speaks of.</summary>
    private static void BootSystem(FigureSet figures)
    {
        QemuOptions small = QemuOptions.Small with { Processor = PeerMachine.Processor };
        using QemuMachine machine = Boot.ToPrompt(small, out TimeSpan took);
        figures.Add(RowTable.Boot, WallTime.Once(took));
    }

    public void Run(GuestClock clock, FigureSet figures)
    {
        if (clock == GuestClock.Instructions) Calls.AddTo(figures);
        if (clock == GuestClock.Host) BootSystem(figures);
        using QemuMachine machine = Boot.ToPrompt(Options(clock), out TimeSpan boot);
        if (clock == GuestClock.Host) figures.Add(RowTable.BootOfAll, WallTime.Once(boot));
        foreach (string measurement in Measurements)
        {
            string answer = machine.Send($"run {measurement}", s_limit);
            if (figures.AddText(answer) > 0 || !_said.Add(measurement)) continue;
            progress.Say($"{measurement}: no figures: {answer.Split('\n').Last().Trim()}");
        }
    }
}

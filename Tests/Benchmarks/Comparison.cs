// Both systems, side by side: boots them in turn, several times, and reports medians, ratios and
// goals as a table, as artifacts/bench.json and as artifacts/bench.svg.

using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Peer;
using Tests.Benchmarks.Report;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Benchmarks;

internal sealed class Comparison(BenchArguments arguments, Progress progress)
{
    private readonly CosmosGuest _cosmos = new(progress);
    private readonly Dictionary<GuestClock, (FigureSet Ours, FigureSet Linux)> _figures = [];

    public async Task Run()
    {
        DateTimeOffset start = DateTimeOffset.UtcNow;
        if (arguments.HasPeer) await PeerBuild.Run(progress);
        foreach (GuestClock clock in arguments.Clocks) _figures[clock] = (new(), new());
        for (int round = 1; round <= arguments.Rounds; round++)
        {
            foreach (GuestClock clock in arguments.Clocks) await RunRound(clock, round);
        }
        List<Section> sections = [];
        foreach (GuestClock clock in arguments.Clocks)
            sections.Add(Section.From(clock, _figures[clock].Ours, _figures[clock].Linux));
        RunDescription run = new(start, arguments.Rounds, Guests());
        File.WriteAllText(
            Path.Combine(Repository.Artifacts, "bench.json"), JsonReport.Of(run, sections));
        File.WriteAllText(
            Path.Combine(Repository.Artifacts, "bench.svg"), BarChart.Of(sections));
        foreach (Section section in sections) Console.WriteLine(TextTable.Of(section));
        foreach (Section section in sections) Console.WriteLine(TextTable.Summary(section));
    }

    private async Task RunRound(GuestClock clock, int round)
    {
        string which = $"{clock.Name()}, round {round} of {arguments.Rounds}";
        (FigureSet ours, FigureSet linux) = _figures[clock];
        if (arguments.HasOurs)
            await progress.Step($"CosmosKernel, {which}",
                () => Task.Run(() => _cosmos.Run(clock, ours)));
        if (arguments.HasPeer)
            await progress.Step($"Linux, {which}",
                () => Task.Run(() => PeerMachine.Run(clock, linux)));
    }

    private Dictionary<string, string> Guests()
    {
        Dictionary<string, string> guests = [];
        foreach (GuestClock clock in arguments.Clocks)
        {
            if (arguments.HasOurs)
                guests[$"CosmosKernel, {clock.Name()}"] = Line(CosmosGuest.Options(clock));
            if (arguments.HasPeer)
                guests[$"Linux, {clock.Name()}"] = Line(PeerMachine.Options(clock));
        }
        return guests;
    }

    /// <summary>Paths of this machine say nothing to others.</summary>
    private static string Line(QemuOptions options) =>
        $"{QemuOptions.Program} {string.Join(' ', options.Arguments())}"
            .Replace(Repository.Root + "/", "", StringComparison.Ordinal);
}

// The verb `soak`: everything that depends on chance, with fresh seeds, for as long as one likes.
//
// Rules: four parts have a quarter of the time each: the swarm and the random kills on the host,
// random system calls and `stress` in the guest. Every part says its seed. Then the cells of the
// mount contract that take minutes are played once. A part that loses anything does not stop the
// others; the last line sums up.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Tests.Rig.Machine;

namespace Tests.Rig;

public sealed class Soak(Progress progress, int minutes, int firstSeed)
{
    private const int Parts = 4, CallsAtOnce = 500_000, MostSeeds = 1_000_000;
    private static readonly TimeSpan s_slack = TimeSpan.FromMinutes(10);

    private readonly int _seconds = Math.Max(1, minutes * 60 / Parts);
    private readonly List<string> _lost = [];

    /// <summary>Seeds that nobody has chosen.</summary>
    public static int FreshSeed() => Random.Shared.Next(1, MostSeeds);

    public async Task Run()
    {
        Console.WriteLine($"soak: {minutes} minutes, seed {firstSeed}");
        await RunTest("swarm", "Swarm_keeps_all_promises_for_a_million_steps");
        await RunTest("random kills", "Random_work_with_random_kills_has_only_right_answers");
        await RunGuest("fuzz", Fuzz);
        await RunGuest("stress", Stress);
        await RunCells();
        string result = _lost.Count == 0 ? "nothing was lost" : $"lost: {string.Join(", ", _lost)}";
        Console.WriteLine($"soak: {minutes} minutes, seed {firstSeed}: {result}");
        if (_lost.Count != 0) throw new RigException("the soak has lost something");
    }

    private async Task RunTest(string name, string test)
    {
        // Tests/Simulation/Swarm/SoakTime.cs reads this.
        Environment.SetEnvironmentVariable("COSMOS_SOAK", $"{firstSeed}:{_seconds}");
        ToolResult result = default!;
        await progress.Step($"soaking: {name}", async () => result = await Tool.Run("dotnet",
        [
            "test", Repository.At("Tests", "Simulation"), "-c", "Release", "--nologo",
            "--filter", $"Name={test}", "--logger", "console;verbosity=detailed",
        ]));
        Environment.SetEnvironmentVariable("COSMOS_SOAK", null);
        string? summary = result.Output.Split('\n').Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.Ordinal));
        if (summary is not null && result.ExitCode == 0)
        {
            Console.WriteLine(summary);
            return;
        }
        Console.WriteLine(result.Output.TrimEnd());
        _lost.Add(name);
    }

    private async Task RunCells()
    {
        var counts = new TestCounts(0, 0, 0);
        await progress.Step("soaking: mount contract", async () =>
            counts = await new TestRun(progress).Run(
                [.. TestRun.Projects().Where(TestRun.NeedsQemu)], "LoopingCells"));
        Console.WriteLine($"mount contract: {counts}");
        if (counts.Failed > 0 || counts.Passed == 0) _lost.Add("mount contract");
    }

    private Task RunGuest(string name, Action<QemuMachine> work) =>
        progress.Step($"soaking: {name}", () =>
        {
            using QemuMachine machine = QemuMachine.Start(new QemuOptions());
            try
            {
                machine.WaitForPrompt();
                work(machine);
                string audit = machine.Send("audit");
                if (!audit.StartsWith("clean", StringComparison.Ordinal)) Lose(name, audit);
            }
            catch (RigException problem)
            {
                Lose(name, $"{problem.Message}\n{machine.Transcript}");
            }
            return Task.CompletedTask;
        });

    private void Fuzz(QemuMachine machine)
    {
        long start = Stopwatch.GetTimestamp();
        int seed = firstSeed;
        do
        {
            string answer = machine.Send(
                $"run fuzz --calls {CallsAtOnce} --seed {seed % 1000}", s_slack);
            Judge("fuzz", answer, ", losses 0$");
            seed++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < _seconds);
    }

    private void Stress(QemuMachine machine)
    {
        string answer = machine.Send($"stress --seconds {_seconds} --seed {firstSeed}",
            TimeSpan.FromSeconds(_seconds * 4) + s_slack);
        Judge("stress", answer, " losses 0$");
    }

    /// <summary>The last line of the answer is the summary.</summary>
    private void Judge(string name, string answer, string right)
    {
        string last = answer.TrimEnd().Split('\n')[^1].Trim();
        Console.WriteLine(last.StartsWith(name, StringComparison.Ordinal)
            ? last : $"{name} seed {firstSeed}: {last}");
        if (!Regex.IsMatch(last, right)) Lose(name, answer);
    }

    private void Lose(string name, string why)
    {
        Console.WriteLine(why);
        _lost.Add(name);
    }
}

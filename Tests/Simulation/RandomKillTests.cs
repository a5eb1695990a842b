// Random work of several clients with random kills, one seed after the other.
//
// A failing case is made small, and printed with the one command that runs it again.

using NUnit.Framework;
using System.Collections.Generic;
using Tests.Simulation.Kills;
using Tests.Simulation.Swarm;
using Tests.Simulation.Work;

namespace Tests.Simulation;

public sealed class RandomKillTests
{
    const int Seeds = 60;

    [Test]
    public void Random_work_with_random_kills_has_only_right_answers()
    {
        if (RandomCase.Wanted() is { } wanted)
        {
            RandomWork again = new(wanted);
            Assert.That(again.Run(), Is.Null);
            return;
        }

        int kills = 0, seeds = 0;
        SoakTime? soak = SoakTime.Wanted();
        SortedDictionary<string, int> victims = [];
        for (int seed = soak?.FirstSeed ?? 1; soak is null ? seeds < Seeds : !soak.IsOver; seed++)
        {
            seeds++;
            RandomWork work = new(new RandomCase(seed));
            if (work.Run() is { } failure) Report(work, new RandomCase(seed), failure);
            kills += work.Killer.Done.Count;
            foreach (KillAt kill in work.Killer.Done)
            {
                string name = kill.Victim.Split('.')[0];
                victims[name] = victims.GetValueOrDefault(name) + 1;
            }
        }

        TestContext.Out.WriteLine(
            $"random kills: {seeds} seeds, {kills} kills: {string.Join(", ", victims)}");
        if (soak is not null) return;
        Assert.That(kills, Is.GreaterThan(KillBudget.RandomWork));
        Assert.That(victims.Keys, Is.SupersetOf((string[])
            ["client", "memfs@/", "shell", "supervisor", "vfs"]));
    }

    /// <summary>It has a task, or is about to: whoever gave it keeps nothing of it.</summary>
    [Test]
    public void Spare_that_dies_when_it_is_wanted_leaves_nothing_behind()
    {
        const int points = 8;
        int both = 0;
        for (int death = 3000; death < 9000; death += 1000)
        {
            for (int after = 1; after <= points; after++)
            {
                KillAt[] kills = [new(death, "memfs@/"), new(death + after, "memfs+spare")];
                RandomWork work = new(new RandomCase(1) with { Kills = kills });
                Assert.That(work.Run(), Is.Null, $"{after} points after its server, at {death}");
                if (work.Killer.Done.Count == kills.Length) both++;
            }
        }
        Assert.That(both, Is.GreaterThan(points));
    }

    static void Report(RandomWork work, RandomCase failing, string failure)
    {
        RandomCase exact = failing with { Kills = [.. work.Killer.Done] };
        (RandomCase small, string why) = RandomCase.Shrink(exact, failure, candidate =>
        {
            RandomWork again = new(candidate);
            return (again.Run(), again.Operations);
        });
        Assert.Fail($"{why}\n{failing}\n{small.Command}");
    }
}

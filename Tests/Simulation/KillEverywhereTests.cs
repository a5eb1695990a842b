// A recorded scenario, and a kill at each of its kernel entries in turn.
//
// After each: the client had right answers or a clear status, the kernel's tables agree with each
// other, and everything is back where it was without the kill.

using NUnit.Framework;
using Shared.Sdk;
using System;
using Tests.FakeMachine;

namespace Tests.Simulation;

public sealed class KillEverywhereTests
{
    static SimulatedSystem RunScenario(int killAt = -1, Action<TaskContext>? scenario = null)
    {
        SimulatedSystem system = new(scenario ?? FileScenario.Run) { KillAt = killAt };
        system.Run();
        return system;
    }

    static void RequireHealth(SimulatedSystem system, string when)
    {
        Assert.That(system.ScenarioFailure?.Message, Is.Null, when);
        Assert.That(system.IsScenarioDone, Is.True, $"{when}: the client never got an answer");
        Assert.DoesNotThrow(() => KernelAudit.Check(system.Kernel), when);
    }

    [Test]
    public void Scenario_runs_the_same_way_each_time()
    {
        SimulatedSystem first = RunScenario();
        RequireHealth(first, "without a kill");
        SimulatedSystem second = RunScenario();
        Assert.That(first.Entries, Is.Not.Empty);
        Assert.That(second.Entries, Is.EqualTo(first.Entries));
        Assert.That(second.Counts, Is.EqualTo(first.Counts));
    }

    [Test]
    public void Kill_at_every_entry_of_file_work_leaves_right_answers_and_no_trace() =>
        KillEverywhere(FileScenario.Run, atLeast: 50);

    [TestCase(""), TestCase("ondeath=fail"), TestCase("ondeath=vanish")]
    public void Kill_at_every_entry_of_a_mounts_life_leaves_no_trace(string options) =>
        KillEverywhere(new MountScenario(options).Run, atLeast: 20);

    static void KillEverywhere(Action<TaskContext> scenario, int atLeast)
    {
        SimulatedSystem calm = RunScenario(scenario: scenario);
        RequireHealth(calm, "without a kill");
        int killed = 0;
        for (int entry = 0; entry < calm.Entries.Count; entry++)
        {
            SimulatedSystem system = RunScenario(entry, scenario);
            if (system.Victim is null) continue;
            string when = $"kill {system.Victim} at entry {entry} ({calm.Entries[entry]})";
            RequireHealth(system, when);
            Assert.That(
                system.Counts, Is.EqualTo(calm.Counts),
                $"{when}\n{system.Holders}\n{calm.Holders}");
            killed++;
        }

        TestContext.Out.WriteLine($"{killed} kills in {calm.Entries.Count} kernel entries");
        Assert.That(killed, Is.GreaterThan(atLeast));
    }
}

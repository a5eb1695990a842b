// A recorded scenario, and a kill at each of its points in turn: kernel entries and vault stores.
//
// After each: the client had right answers or a clear status, the kernel's tables agree with each
// other, and everything is back where it was without the kill.

using NUnit.Framework;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Linq;
using Tests.FakeMachine;
using Tests.Simulation.Kills;
using Tests.Simulation.Scenarios;
using Tests.Simulation.Work;

namespace Tests.Simulation;

public sealed class KillEverywhereTests
{
    static SimulatedSystem RunScenario(
        PointKiller killer, Action<TaskContext> scenario, KillsFrom from = KillsFrom.Scenario)
    {
        SimulatedSystem system = new(scenario) { Killer = killer, KillsFrom = from };
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
        PointKiller recorder = new(), again = new();
        SimulatedSystem first = RunScenario(recorder, FileScenario.Run);
        RequireHealth(first, "without a kill");
        SimulatedSystem second = RunScenario(again, FileScenario.Run);
        Assert.That(recorder.Points, Is.Not.Empty);
        Assert.That(again.Points, Is.EqualTo(recorder.Points));
        Assert.That(second.Counts, Is.EqualTo(first.Counts));
    }

    [Test]
    public void Kill_at_every_point_of_file_work_leaves_right_answers_and_no_trace() =>
        KillEverywhere(FileScenario.Run, atLeast: 50);

    [Test]
    public void Kill_at_every_point_of_reads_that_are_kept_leaves_none_of_them_stale() =>
        KillEverywhere(ReadScenario.Run, atLeast: 50);

    [Test]
    public void Kill_at_every_point_of_writes_that_are_staged_loses_none_and_repeats_none() =>
        KillEverywhere(WriteScenario.Run, atLeast: 150);

    [Test]
    public void Kill_at_every_point_of_opens_that_are_kept_leads_none_of_them_astray() =>
        KillEverywhere(OpenScenario.Run, atLeast: 50);

    [TestCase(""), TestCase("ondeath=fail"), TestCase("ondeath=vanish")]
    public void Kill_at_every_point_of_a_mounts_life_leaves_no_trace(string options) =>
        KillEverywhere(new MountScenario(options).Run, atLeast: 20);

    [Test]
    public void Kill_at_every_point_of_two_upgrades_leaves_the_file_and_no_trace() =>
        KillEverywhere(UpgradeScenario.Run, atLeast: 200);

    [Test]
    public void Kill_at_many_points_of_the_supervisors_own_upgrades_leaves_no_trace() =>
        KillEverywhere(SelfUpgradeScenario.Run, atLeast: 100, each: 3);

    [Test]
    public void Supervisor_with_an_emptied_vault_adopts_what_runs()
    {
        SimulatedSystem system = RunScenario(new PointKiller(), EmptiedVaultScenario.Run);
        RequireHealth(system, "after three early deaths");
        Assert.That(system.Log, Does.Contain("the vault was emptied"));
        Assert.That(system.Log, Does.Contain("memfs@/mnt[").And.Contain("] is adopted"));
    }

    [Test]
    public void Kill_at_many_points_of_an_adoption_without_rows_leaves_a_whole_system() =>
        KillEverywhere(EmptiedVaultScenario.Run, atLeast: 120, each: 9);

    [Test]
    public void Kill_at_every_point_of_boot_leaves_a_whole_system() =>
        KillEverywhere(static context => LookAtRoot(context), 500, KillsFrom.Boot);

    static void LookAtRoot(TaskContext context)
    {
        using FileApi files = FileApi.Open(context);
        files.Stat("/");
    }

    [Test]
    public void Kill_at_every_point_of_each_operation_leaves_the_right_answers()
    {
        OperationSweep sweep = new(OperationCase.All());
        SimulatedSystem system = new(sweep.Run) { Killer = sweep.Killer };
        sweep.System = system;
        system.Run();
        RequireHealth(system, "after the sweep");
        TestContext.Out.WriteLine(
            $"{sweep.Killer.Kills} kills in {sweep.Cases} cases: "
            + string.Join(", ", sweep.KillsByVictim));
        Assert.That(sweep.Cases, Is.EqualTo(OperationCase.All().Count()));
        Assert.That(sweep.Killer.Kills, Is.GreaterThan(KillBudget.Sweep));
    }

    // What the supervisor does is the same in all three plays: each takes every third point.
    [TestCase("pipes", 1, 450), TestCase("vfs", 1, 30), TestCase("supervisor", 3, 150)]
    public void Kill_at_every_point_of_pipes_work_loses_no_byte_and_repeats_none(
        string victim, int each, int atLeast)
    {
        PipeSweep sweep = new(victim, each);
        SimulatedSystem system = new(sweep.Run)
        {
            Killer = sweep.Killer, Programs = sweep.Programs,
        };
        sweep.System = system;
        system.Run();
        RequireHealth(system, "after the sweep");
        TestContext.Out.WriteLine(
            $"{sweep.Killer.Kills} kills of {victim}: {string.Join(", ", sweep.KillsByPlay)}");
        Assert.That(sweep.KillsByPlay.Keys, Is.EquivalentTo(PipePlay.All.Select(p => p.Name)));
        Assert.That(sweep.Killer.Kills, Is.GreaterThan(atLeast));
    }

    [Test]
    public void Kill_at_every_point_of_the_console_is_seen_at_neither_end_of_the_line()
    {
        ConsoleSweep sweep = new();
        SimulatedSystem system = new(sweep.Run)
        {
            Killer = sweep.Killer, Programs = sweep.Programs, Line = sweep.Line,
        };
        sweep.System = system;
        system.Run();
        RequireHealth(system, "after the sweep");
        TestContext.Out.WriteLine($"{sweep.Killer.Kills} kills of the console");
        Assert.That(sweep.Killer.Kills, Is.GreaterThan(100));
    }

    [Test]
    public void Call_that_fails_with_its_server_says_what_has_happened()
    {
        FailSweep sweep = new();
        SimulatedSystem system = new(sweep.Run) { Killer = sweep.Killer };
        system.Run();
        RequireHealth(system, "after the sweep");
        TestContext.Out.WriteLine($"{sweep.Killer.Kills} kills: {string.Join(", ", sweep.Ends)}");
        Assert.That(sweep.Ends.Keys, Is.SupersetOf((string[])["answered", "MaybeExecuted"]));
        Assert.That(sweep.Killer.Kills, Is.GreaterThan(100));
    }

    [Test]
    public void Vault_that_is_spoiled_is_refused_and_the_mount_given_up()
    {
        DamageScenario scenario = new();
        SimulatedSystem system = new(scenario.Run);
        scenario.System = system;
        system.Run();
        RequireHealth(system, "after the damage");
        Assert.That(scenario.HandleStatus, Is.EqualTo(Status.Revoked));
        Assert.That(scenario.PathStatus, Is.EqualTo(Status.NotFound));
        Assert.That(scenario.Report, Does.Contain("record of node 0 is damaged"));
    }

    // Half a second until it is seen, the deadline, and a look that comes later than that.
    [TestCase(300UL, 3_000UL), TestCase(700UL, 3_200UL), TestCase(60_000UL, 3_000UL)]
    public void Hung_server_is_found_in_time_however_short_supervisors_live(
        ulong lifeMs, ulong boundMs)
    {
        const ulong Ms = 1_000_000;
        HangScenario scenario = new();
        LifeSpanKiller killer = new(lifeMs * Ms);
        SimulatedSystem system = new(scenario.Run)
        {
            Killer = killer, Programs = scenario.Programs,
        };
        killer.Kernel = system.Kernel;
        system.Run();
        RequireHealth(system, "after the hang");
        TestContext.Out.WriteLine($"{scenario.StallNs} ns, {killer.Kills} supervisors died");
        Assert.That(scenario.StallNs, Is.InRange(2_000 * Ms, boundMs * Ms));
    }

    static void KillEverywhere(
        Action<TaskContext> scenario, int atLeast, KillsFrom from = KillsFrom.Scenario,
        int each = 1)
    {
        PointKiller recorder = new();
        SimulatedSystem calm = RunScenario(recorder, scenario, from);
        RequireHealth(calm, "without a kill");
        int killed = 0;
        for (int point = 0; point < recorder.Points.Count; point += each)
        {
            PointKiller killer = new(point);
            SimulatedSystem system = RunScenario(killer, scenario, from);
            if (killer.Victim is null) continue;
            string when = $"kill {killer.Victim} at point {point} ({recorder.Points[point]})";
            RequireHealth(system, when);
            Assert.That(
                system.Counts, Is.EqualTo(calm.Counts),
                $"{when}\n{system.Holders}\n{calm.Holders}");
            killed++;
        }

        TestContext.Out.WriteLine($"{killed} kills at {recorder.Points.Count} points");
        Assert.That(killed, Is.GreaterThan(atLeast));
    }
}

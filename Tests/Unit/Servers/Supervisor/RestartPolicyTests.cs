// What follows which death.

using NUnit.Framework;
using Servers;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class RestartPolicyTests
{
    private const ulong Second = 1_000_000_000;
    private const ulong Now = 100 * Second;

    private static readonly RestartBudget Budget = new(
        Failures: 5, WindowMs: 10_000, FreeRestarts: 2, FirstDelayMs: 100, LastDelayMs: 250);

    private static Decision Decide(
        int earlier, DeathCause cause = DeathCause.PageFault, Need need = Need.Optional,
        ulong earlierNs = Now - Second)
    {
        ulong[] history = new ulong[earlier];
        System.Array.Fill(history, earlierNs);
        return RestartPolicy.Decide(cause, history, Now, Budget, need);
    }

    [TestCase(0, DecisionKind.Restart, 0ul)]
    [TestCase(1, DecisionKind.Restart, 0ul)]
    [TestCase(2, DecisionKind.Delay, 100_000_000ul)]
    [TestCase(3, DecisionKind.Delay, 200_000_000ul)]
    [TestCase(4, DecisionKind.Delay, 250_000_000ul)]
    [TestCase(5, DecisionKind.GiveUp, 0ul)]
    public void Optional_task_is_given_up_when_the_budget_is_spent(
        int earlier, DecisionKind kind, ulong delayNs) =>
        Assert.That(Decide(earlier), Is.EqualTo(new Decision(kind, delayNs)));

    [Test]
    public void Essential_task_is_escalated_at_the_longest_delay() => Assert.That(
        Decide(31, need: Need.Essential),
        Is.EqualTo(new Decision(DecisionKind.Escalate, 250_000_000)));

    [Test]
    public void Failures_outside_the_window_are_forgotten() => Assert.That(
        Decide(31, earlierNs: Now - 11 * Second).Kind, Is.EqualTo(DecisionKind.Restart));

    [TestCase(DeathCause.Killed)]
    [TestCase(DeathCause.Replaced)]
    public void Operator_costs_no_budget(DeathCause cause) => Assert.That(
        Decide(31, cause), Is.EqualTo(new Decision(DecisionKind.Restart, 0)));

    [TestCase(DeathCause.Exit)]
    [TestCase(DeathCause.Hung)]
    [TestCase(DeathCause.Memory)]
    [TestCase(DeathCause.UnhandledException)]
    public void Every_other_end_is_a_failure(DeathCause cause) =>
        Assert.That(RestartPolicy.IsFailure(cause), Is.True);

    [Test]
    public void Delay_does_not_overflow_with_a_large_budget()
    {
        RestartBudget large = new(100, 10_000, 0, 1_000, 5_000);
        ulong[] history = new ulong[90];
        System.Array.Fill(history, Now);
        Decision decision = RestartPolicy.Decide(
            DeathCause.Abort, history, Now, large, Need.Optional);
        Assert.That(decision, Is.EqualTo(new Decision(DecisionKind.Delay, 5 * Second)));
    }

    [Test]
    public void History_keeps_the_newest_when_it_is_full()
    {
        DeathHistory history = new();
        for (ulong i = 1; i <= DeathHistory.Capacity + 3; i++) history.Add(i);
        Assert.That(history.TimesNs.Length, Is.EqualTo(DeathHistory.Capacity));
        Assert.That(history.TimesNs[0], Is.EqualTo(4));
        Assert.That(history.TimesNs[^1], Is.EqualTo(DeathHistory.Capacity + 3));
    }

    [Test]
    public void History_can_hold_every_budget_of_the_table()
    {
        foreach (TaskSpec spec in SystemTable.Servers)
        {
            Assert.That(spec.Budget.Failures, Is.LessThan(DeathHistory.Capacity), spec.Name);
        }
    }
}

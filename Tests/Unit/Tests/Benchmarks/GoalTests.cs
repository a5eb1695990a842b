// A goal is met only by a figure that is there, and all of its limits count.

using System.Linq;
using NUnit.Framework;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Rows;

namespace Tests.Unit.Tests.Benchmarks;

public sealed class GoalTests
{
    private static readonly Figure s_ours = new(100, Median: 150, P90: 200, P99: 300, Max: 400);

    [TestCase(150, 300, true)]
    [TestCase(149, 300, false)]
    [TestCase(150, 299, false)]
    public void Every_limit_of_a_goal_counts(int median, int p99, bool isMet) =>
        Assert.That(new Goal(median, p99).Judge(s_ours, null),
            Is.EqualTo(isMet ? Verdict.Met : Verdict.Missed));

    [TestCase(150, true)]
    [TestCase(149, false)]
    public void Ratio_is_to_the_peers_median(int peer, bool isMet) =>
        Assert.That(
            Goal.FasterThanPeer.Judge(s_ours, new Figure(1, peer, peer, peer, peer)),
            Is.EqualTo(isMet ? Verdict.Met : Verdict.Missed));

    [Test]
    public void What_was_not_measured_is_neither_met_nor_missed()
    {
        Assert.That(new Goal(1_000_000).Judge(null, s_ours), Is.EqualTo(Verdict.Unknown));
        Assert.That(Goal.HalfOfPeer.Judge(s_ours, null), Is.EqualTo(Verdict.Unknown));
        Assert.That(Goal.None.Judge(s_ours, s_ours), Is.EqualTo(Verdict.Unknown));
    }

    [TestCase(800, "0.80")]
    [TestCase(9_537, "9.54")]
    [TestCase(28_339, "28.3")]
    [TestCase(557_838, "558")]
    public void Quantity_has_three_digits_that_count(int value, string text) =>
        Assert.That(Quantity.Short(value), Is.EqualTo(text));

    [TestCase(995, true)]
    [TestCase(949, false)]
    public void Share_must_be_at_least_so_much(int share, bool isMet) =>
        Assert.That(
            new Goal(Least: 950).Judge(new Figure(1, share, share, share, share), null),
            Is.EqualTo(isMet ? Verdict.Met : Verdict.Missed));

    [TestCase(399, false)]
    [TestCase(400, true)]
    public void Highest_value_counts_where_the_goal_says_so(int max, bool isMet) =>
        Assert.That(new Goal(Max: max).Judge(s_ours, null),
            Is.EqualTo(isMet ? Verdict.Met : Verdict.Missed));

    [Test]
    public void Quantity_says_bytes_and_shares_in_their_units()
    {
        Assert.That(Quantity.Short(1_191_936, Measure.Bytes), Is.EqualTo("1164 KiB"));
        Assert.That(Quantity.Short(995, Measure.Share), Is.EqualTo("99.5 %"));
        Assert.That(new Goal(Least: 950).Text(Measure.Share), Is.EqualTo("at least 95.0 %"));
    }

    [Test]
    public void Goal_says_its_limits() =>
        Assert.That(new Goal(150_000, P99: 300_000).ToString(), Is.EqualTo("150, p99 300"));

    [Test]
    public void Name_of_a_row_stands_once_in_the_table()
    {
        Assert.That(RowTable.All, Has.Count.GreaterThan(25));
        Assert.That(RowTable.All.Select(row => row.Name), Is.Unique);
        Assert.That(RowTable.Compared.Select(row => row.Peers.Count), Is.All.GreaterThan(0));
        Assert.That(RowTable.OursAlone.Select(row => row.Peers), Is.All.Empty);
    }
}

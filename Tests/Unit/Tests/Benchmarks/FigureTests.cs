// The lines that guests print are read as they are, and rounds are joined by their medians.

using NUnit.Framework;
using Tests.Benchmarks;
using Tests.Benchmarks.Figures;

namespace Tests.Unit.Tests.Benchmarks;

public sealed class FigureTests
{
    [TestCase("pipe call 64 KiB: count 400 median 43082 p90 43083 p99 43519 max 66543",
        "pipe call 64 KiB", 43082, 43519)]
    [TestCase("  null call: count 1 median 0 p90 0 p99 0 max 0\r", "null call", 0, 0)]
    [TestCase("System.IO open+close: count 20 median 5 p90 6 p99 7 max 8",
        "System.IO open+close", 5, 7)]
    public void Line_of_a_guest_is_a_figure(string line, string name, int median, int p99)
    {
        (string Name, Figure Figure) parsed = Figure.Parse(line)!.Value;
        Assert.That(parsed.Name, Is.EqualTo(name));
        Assert.That(parsed.Figure.Median, Is.EqualTo(median));
        Assert.That(parsed.Figure.P99, Is.EqualTo(p99));
    }

    [TestCase("")]
    [TestCase("peer: ready: Linux 6.1")]
    [TestCase("stat: count 400 median 12")]
    [TestCase("stat: count 400 median -1 p90 1 p99 1 max 1")]
    [TestCase("stat: count 400 median 1 p90 1 p99 1 max 1 and more")]
    [TestCase("stat: count 400 median 99999999999999999999 p90 1 p99 1 max 1")]
    public void Other_line_is_none(string line) => Assert.That(Figure.Parse(line), Is.Null);

    // A transcript ends with an empty line; `bench` once died of that.
    [Test]
    public void Log_of_the_calling_task_is_read_without_what_stands_before_its_lines()
    {
        FigureSet set = new();
        Calls.AddLog(set, """
            [0.01] kernel: up
            [1.5] caller: null call with 10 tasks: count 100 median 800 p90 800 p99 801 max 802

            x
            """ + "\n");
        Assert.That(set.Names, Is.EqualTo(new[] { "null call with 10 tasks" }));
    }

    [Test]
    public void Rounds_are_joined_by_the_median_of_each_number()
    {
        FigureSet set = new();
        int count = set.AddText(
            """
            stat: count 10 median 7 p90 8 p99 90 max 91
            bench: something else
            stat: count 10 median 5 p90 6 p99 10 max 12
            stat: count 10 median 100 p90 200 p99 30 max 400
            """);
        Assert.That(count, Is.EqualTo(3));
        Assert.That(set.Find("stat"), Is.EqualTo(new Figure(30, 7, 8, 30, 91)));
        Assert.That(set.Find("open"), Is.Null);
    }

    [Test]
    public void Best_is_the_lowest_median_of_those_that_are_there()
    {
        FigureSet set = new();
        set.Add("pipe null call", new Figure(1, 9, 9, 9, 9));
        set.Add("eventfd null call", new Figure(1, 7, 70, 70, 70));
        Assert.That(set.Best(["pipe null call", "eventfd null call", "futex null call"])!.Name,
            Is.EqualTo("eventfd null call"));
        Assert.That(set.Best(["futex null call"]), Is.Null);
    }
}

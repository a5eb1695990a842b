// Table, JSON and chart of recorded guests: each says what was measured, and what was not.

using System.Linq;
using System.Text.Json;
using System.Xml.Linq;
using NUnit.Framework;
using Tests.Benchmarks.Report;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Benchmarks;

public sealed class ReportTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";
    private static readonly string s_table = TextTable.Of(RecordedGuests.Section());

    [TestCase("stat", "3.30|3.50|400|3.02|28.3|32.0|fuse|3.12|0.12|3.40|yes")]
    [TestCase("open+close", "4.90|5.00|400|5.17|37.2|38.8|fuse|-|0.13|4.70|no")]
    [TestCase("recovery", "117|132|100|-|260|6260|fuse-spare|-|0.45|150, p99 300|yes")]
    [TestCase("null call", "-|-|400|-|7.59|7.60|eventfd|-|-|0.80|-")]
    public void Row_of_the_table_has_figures_ratio_goal_and_verdict(string name, string cells) =>
        Assert.That(Cells(name), Is.EqualTo(cells));

    [Test]
    public void Table_has_only_rows_that_somebody_has_measured() =>
        Assert.That(s_table.Split('\n').Count(line => line.StartsWith('|')),
            Is.EqualTo(2 + RecordedGuests.Section().Rows.Count));

    [Test]
    public void Lines_of_the_table_are_equally_long() =>
        Assert.That(
            s_table.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Length)
                .Distinct().Count(),
            Is.EqualTo(1));

    [Test]
    public void Summary_counts_what_could_be_judged() =>
        Assert.That(TextTable.Summary(RecordedGuests.Section()),
            Is.EqualTo("instructions: 2 of 3 goals met"));

    [Test]
    public void By_wall_clock_the_goal_is_to_be_faster_than_the_peer()
    {
        Section wall = RecordedGuests.Section(GuestClock.Host);
        MeasuredRow recovery = wall.Rows.Single(row => row.Row.Name == "recovery");
        Assert.That(recovery.Goal.ToString(), Is.EqualTo("0.5 x peer"));
        Assert.That(TextTable.Summary(wall), Is.EqualTo("wall clock: 3 of 3 goals met"));
    }

    [Test]
    public void Json_has_every_number_and_null_for_what_is_missing()
    {
        using JsonDocument json = JsonDocument.Parse(
            JsonReport.Of(RecordedGuests.Run, [RecordedGuests.Section()]));
        JsonElement root = json.RootElement;
        Assert.That(root.GetProperty("rounds").GetInt32(), Is.EqualTo(1));
        Assert.That(root.GetProperty("guests").GetProperty("Linux, instructions").GetString(),
            Is.EqualTo("qemu-system-x86_64 -m 256"));
        JsonElement[] rows =
            [.. root.GetProperty("sections")[0].GetProperty("rows").EnumerateArray()];
        JsonElement stat = rows.Single(row => row.GetProperty("name").GetString() == "stat");
        Assert.That(stat.GetProperty("ours").GetProperty("p99").GetInt64(), Is.EqualTo(3500));
        Assert.That(stat.GetProperty("peer").GetProperty("name").GetString(),
            Is.EqualTo("fuse stat"));
        Assert.That(stat.GetProperty("goal").GetProperty("median").GetInt64(), Is.EqualTo(3400));
        Assert.That(stat.GetProperty("verdict").GetString(), Is.EqualTo("met"));
        JsonElement call = rows.Single(row => row.GetProperty("name").GetString() == "null call");
        Assert.That(call.GetProperty("ours").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(call.GetProperty("ratio").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Chart_has_a_bar_for_each_figure_and_longer_ones_for_more()
    {
        Section section = RecordedGuests.Section();
        XElement chart = XElement.Parse(BarChart.Of([section]));
        double[] widths = [.. chart.Elements(s_svg + "rect").Skip(1)
            .Select(bar => (double)bar.Attribute("width")!)];
        int figures = section.Rows.Sum(row => new object?[]
            { row.Ours, row.Peer, row.Limit }.Count(figure => figure is not null));
        Assert.That(widths, Has.Length.EqualTo(figures));
        // The first row is the null call, with the peer alone; then stat: ours, FUSE, tmpfs.
        Assert.That(widths[2], Is.GreaterThan(widths[1]));
        Assert.That(widths[3], Is.LessThan(widths[1]));
        string[] texts = [.. chart.Elements(s_svg + "text").Select(text => text.Value)];
        Assert.That(texts, Is.SupersetOf(new[] { "28.3 fuse", "3.30 ours" }));
        Assert.That(texts, Is.SupersetOf(new[] { "1", "10", "100", "1000" }));
    }

    private static string Cells(string name) => string.Join('|', s_table.Split('\n')
        .Where(line => line.StartsWith('|'))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
        .Single(cells => cells[0] == name)[1..]);
}

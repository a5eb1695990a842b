// What our paths cost in instructions: no row of `bench` may become slower than its budget.
//
// Rules: a budget is the median that was measured last and about a tenth; whoever makes a path
// faster lowers its line. The counts are the same on every host, but for timer interrupts.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Measures;

public sealed partial class BudgetTests : BootTest
{
    private static readonly (string Row, int Instructions)[] s_calls =
    [
        ("system call", 600),
        ("null call", 960),
        ("call 64 B", 4_000),
        ("call 4 KiB", 5_100),
        ("call 64 KiB", 22_000),
        ("notification", 3_000),
        ("thread switch", 650),
    ];

    private static readonly (string Row, int Instructions)[] s_files =
    [
        ("stat", 3_330),
        ("open+close", 1_750), ("open+close, called", 7_300),
        ("read 4 KiB", 1_000),
        ("read 4 KiB, called", 3_250),
        ("write 4 KiB", 1_100), ("write 4 KiB, called", 5_140),
        ("write 4 KiB, on", 2_420), ("write 4 KiB, apart", 4_000),
        ("create+unlink", 15_300),
        ("list 100", 9_600),
        ("list 100, changed", 26_100),
        ("read 1 MiB", 220_000),
        ("write 1 MiB", 310_000),
    ];

    private static readonly (string Row, int Instructions)[] s_processes =
    [
        ("process start", 155_000),
        ("process kill", 71_000),
    ];

    /// <summary>The goal of the project.</summary>
    private static readonly (string Row, int Instructions)[] s_reclaims =
    [
        ("reclaim of a handle, umount", 100),
        ("reclaim of a handle, kill", 100),
    ];

    private static readonly (string Row, int Instructions)[] s_umounts =
    [
        ("umount 1 handles", 35_000),
        ("umount 100 handles", 35_000),
        ("umount 10000 handles", 45_000),
    ];

    protected override IMachineOptions Options =>
        new QemuOptions { Clock = GuestClock.Instructions };

    [Test]
    public void Calls_stay_within_their_budgets() => Measure("calls", s_calls);

    [Test]
    public void File_operations_stay_within_their_budgets() => Measure("files", s_files);

    [Test]
    public void Processes_stay_within_their_budgets() => Measure("processes", s_processes);

    [Test]
    public void Reclaim_of_a_handle_stays_within_its_budget() => Measure("reclaim", s_reclaims);

    [Test]
    public void Umount_stays_within_its_budget() => Measure("umounts", s_umounts);

    private void Measure(string what, (string Row, int Instructions)[] budgets)
    {
        string answer = Succeeds($"run bench {what}", timeoutSeconds: 120);
        Dictionary<string, int> medians = Figures().Matches(answer).ToDictionary(
            match => match.Groups["row"].Value,
            match => int.Parse(match.Groups["median"].Value, CultureInfo.InvariantCulture));
        Assert.That(medians.Keys, Is.EquivalentTo(budgets.Select(budget => budget.Row)), answer);
        List<string> slower = [];
        foreach ((string row, int budget) in budgets)
        {
            string line = $"{row}: {medians[row]} instructions, budget {budget}";
            TestContext.Out.WriteLine(line);
            if (medians[row] > budget) slower.Add(line);
        }
        Assert.That(slower, Is.Empty);
    }

    [GeneratedRegex(@"^(?<row>\S.*?): count \d+ median (?<median>\d+) ", RegexOptions.Multiline)]
    private static partial Regex Figures();
}

// How long garbage collections stop a file server under load: in instructions, so that it is the
// same on every host.

using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Measures;

public sealed partial class PauseTests : BootTest
{
    /// <summary>
    /// 159,000 and 313,000 were measured last. The goal is 115 us, Biscuit's longest, and is not
    /// met: docs/performance.md.
    /// </summary>
    private const int LongestInstructions = 350_000, FewestCollections = 2;

    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Collections_of_a_file_server_stay_within_their_budget_of_instructions()
    {
        string answer = Succeeds("run bench pauses --count 4000", timeoutSeconds: 300);
        TestContext.Out.WriteLine(answer);
        Match found = Figures().Match(answer);
        Assert.That(found.Success, answer);
        Assert.That(Number(found, "count"), Is.GreaterThanOrEqualTo(FewestCollections));
        Assert.That(Number(found, "max"), Is.LessThan(LongestInstructions));
    }

    private static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"count (?<count>\d+) median \d+ .* max (?<max>\d+)")]
    private static partial Regex Figures();
}

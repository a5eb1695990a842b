// How long garbage collections stop a file server under load: in instructions, so that it is the
// same on every host.

using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Measures;

public sealed partial class PauseTests : BootTest
{
    /// <summary>Biscuit, a kernel in Go: 115 us at most. An instruction is a nanosecond.</summary>
    private const int LongestInstructions = 115_000, FewestCollections = 5;

    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Collections_of_a_file_server_stop_it_for_less_than_115_microseconds()
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

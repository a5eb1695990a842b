// How long the kernel keeps the processor: interrupts wait for so long at worst. In instructions,
// so that it is the same on every host.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Measures;

public sealed partial class StretchTests : BootTest
{
    /// <summary>The goal of the project.</summary>
    private const int LongestInstructions = 100_000;

    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void No_stretch_of_the_kernel_is_longer_than_its_budget() =>
        Check(Succeeds("run bench stretches", timeoutSeconds: 300));

    [Test]
    public void No_stretch_is_longer_while_everybody_dies_at_random()
    {
        Succeeds("run bench stretches-on");
        Succeeds("stress --seconds 2 --seed 7", timeoutSeconds: 300);
        Succeeds("demo mount", timeoutSeconds: 60);
        Succeeds("crash supervisor null; audit");
        Check(Succeeds("run bench stretches-so-far"));
    }

    // In parts (decision 0067). The machine has 1,024 threads.
    [TestCase("killed"), TestCase("unmounted"), TestCase("failed"), TestCase("vanished")]
    public void No_stretch_is_longer_when_900_calls_end_at_once(string end)
    {
        Succeeds("run bench stretches-on");
        Succeeds($"run bench callers --count 900 --end {end}", timeoutSeconds: 120);
        if (end == "killed")
            Assert.That(Succeeds("servers -v pipes"), Does.Contain("redelivered 900, poisoned 0"));
        Succeeds("waits");
        Check(Succeeds("run bench stretches-so-far"));
    }

    private static void Check(string answer)
    {
        TestContext.Out.WriteLine(answer);
        Match[] kinds = Kind().Matches(answer).ToArray();
        Assert.That(kinds, Has.Length.GreaterThan(30), "few kinds were counted");
        IEnumerable<string> longer = kinds
            .Where(kind => Number(kind, "longest") > LongestInstructions)
            .Select(kind => kind.Value);
        Assert.That(longer, Is.Empty);
        Match collections = Collections().Match(answer);
        Assert.That(collections.Success, answer);
        Assert.That(Number(collections, "max"), Is.Zero, "the kernel has collected garbage");
    }

    private static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^  .+: \d+ times, longest (?<longest>\d+), mean \d+",
        RegexOptions.Multiline)]
    private static partial Regex Kind();

    [GeneratedRegex(@"garbage collections of the kernel: .* max (?<max>\d+)")]
    private static partial Regex Collections();
}

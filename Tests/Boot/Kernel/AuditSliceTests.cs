// No slice of an audit keeps the machine for longer than 20,000 instructions.

using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Kernel;

public sealed partial class AuditSliceTests : BootTest
{
    private const int MaxInstructions = 20_000;
    private const int Audits = 5;

    /// <summary>Under this clock an instruction takes a nanosecond.</summary>
    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Slice_of_an_audit_stays_within_its_budget_of_instructions()
    {
        // A task that takes the processor between two slices (a spare that starts) only adds.
        int longest = Enumerable.Range(0, Audits).Min(_ => Longest());
        Assert.That(longest, Is.LessThan(MaxInstructions));
    }

    private int Longest()
    {
        string answer = Succeeds("audit -v");
        Match match = Slices().Match(answer);
        Assert.That(match.Success, answer);
        TestContext.Out.WriteLine(answer);
        return int.Parse(match.Groups[2].Value);
    }

    [GeneratedRegex(@"slices: (\d+), longest: (\d+) ns")]
    private static partial Regex Slices();
}

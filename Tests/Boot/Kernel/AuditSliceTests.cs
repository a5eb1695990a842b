// No slice of an audit keeps the machine for longer than 20,000 instructions.

using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Kernel;

public sealed partial class AuditSliceTests : BootTest
{
    private const int MaxInstructions = 20_000;

    /// <summary>Under this clock an instruction takes a nanosecond.</summary>
    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Slice_of_an_audit_stays_within_its_budget_of_instructions()
    {
        string answer = Succeeds("audit -v");
        Match match = Slices().Match(answer);
        Assert.That(match.Success, answer);
        TestContext.Out.WriteLine(answer);
        Assert.That(int.Parse(match.Groups[2].Value), Is.LessThan(MaxInstructions));
    }

    [GeneratedRegex(@"slices: (\d+), longest: (\d+) ns")]
    private static partial Regex Slices();
}

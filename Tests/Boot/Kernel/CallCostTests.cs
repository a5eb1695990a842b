// What a trap and a call between two tasks cost, in instructions.

using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Kernel;

public sealed partial class CallCostTests : BootTest
{
    /// <summary>A third above what they were when this was written (480 and 2,328).</summary>
    private const int MaxTrap = 640, MaxCall = 3100;

    /// <summary>Under this clock an instruction takes a nanosecond.</summary>
    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Trap_and_call_keep_their_budget_of_instructions()
    {
        string answer = Succeeds("run ping");
        TestContext.Out.WriteLine(answer);
        Match match = Costs().Match(answer);
        Assert.That(match.Success, answer);
        Assert.That(Number(match.Groups[1]), Is.LessThan(MaxTrap));
        Assert.That(Number(match.Groups[2]), Is.LessThan(MaxCall));
    }

    private static int Number(Group group) =>
        int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"trap (\d+) ns, call (\d+) ns")]
    private static partial Regex Costs();
}

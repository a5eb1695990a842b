// What a boot costs, counted in instructions and not in time, so that every machine counts the
// same.

using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed partial class InstructionTests : BootTest
{
    /// <summary>A third above what it was when this was written (31 million).</summary>
    private const double MaxMillions = 42;

    /// <summary>Under this clock an instruction takes a nanosecond.</summary>
    protected override QemuOptions Options => new() { Clock = GuestClock.Instructions };

    [Test]
    public void Boot_to_prompt_keeps_its_budget_of_instructions()
    {
        // Idle time is the host's: how long it took to type.
        string answer = Succeeds("cat /proc/uptime");
        Match time = UpTime().Match(answer);
        Assert.That(time.Success, answer);
        double millions = 1000 * (Number(time, 1) - Number(time, 2));
        TestContext.Out.WriteLine($"boot, prompt and `cat`: {millions} million instructions");
        Assert.That(millions, Is.LessThan(MaxMillions));
    }

    private static double Number(Match match, int group) =>
        double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9.]+) s up, ([0-9.]+) s idle")]
    private static partial Regex UpTime();
}

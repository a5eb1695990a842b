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
        string answer = Succeeds("uptime");
        Match time = UpTime().Match(answer);
        Assert.That(time.Success, answer);
        double millions = double.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"boot, prompt and `uptime`: {millions} million instructions");
        Assert.That(millions, Is.LessThan(MaxMillions));
    }

    [GeneratedRegex(@"^up ([0-9.]+)ms,")]
    private static partial Regex UpTime();
}

// Under a clock of instructions two boots take the same: what `--icount` is for.

using System;
using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed partial class RepeatTests
{
    /// <summary>Of the boot's instructions; the firmware polls devices of the host.</summary>
    private const double PercentApart = 2;

    [Test]
    public void Two_boots_take_the_same_number_of_instructions()
    {
        double first = MillionsToShell();
        double second = MillionsToShell();
        TestContext.Out.WriteLine($"shell started after {first} and {second} million instructions");
        Assert.That(second, Is.EqualTo(first).Within(PercentApart).Percent);
    }

    private static double MillionsToShell()
    {
        using var machine = QemuMachine.Start(new QemuOptions { Clock = GuestClock.Instructions });
        machine.WaitForPrompt(TimeSpan.FromMinutes(1));
        Match match = ShellStart().Match(machine.Transcript);
        Assert.That(match.Success, machine.Transcript);
        // Seconds of a clock that counts a nanosecond an instruction.
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * 1000;
    }

    [GeneratedRegex(@"\[(\d+\.\d+)\] supervisor: start shell\[")]
    private static partial Regex ShellStart();
}

// Boot ends at a prompt, quickly, and power-off ends the machine with the code that was asked for.

using System;
using System.Diagnostics;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed class PromptTests : BootTest
{
    [Test]
    public void Machine_shows_a_prompt_when_it_has_booted()
    {
        long start = Stopwatch.GetTimestamp();
        Assert.That(Machine.CurrentLine, Is.EqualTo("cosmos:/$ "));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        TestContext.Out.WriteLine($"prompt after {time.TotalSeconds:F1} s");
    }

    [TestCase(0)]
    [TestCase(5)]
    public void Machine_stops_with_the_code_when_it_is_powered_off(int code) =>
        Assert.That(PowerOff(code), Is.EqualTo(code));

    [Test]
    public void Machine_stops_when_it_is_rebooted()
    {
        // QEMU runs with -no-reboot, so that a reboot is seen as its end.
        Machine.Type("reboot\n");
        Assert.That(Machine.WaitForExit(), Is.Zero);
    }
}

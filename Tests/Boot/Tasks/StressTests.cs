// Everybody dies at random under work that checks every byte: nothing is lost, nothing is left.

using System;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class StressTests : BootTest
{
    [Test]
    public void Stress_of_sixty_seconds_loses_nothing_and_leaves_nothing()
    {
        string answer = Succeeds("stress --seconds 60 --seed 7", timeoutSeconds: 480);
        string last = answer[(answer.LastIndexOf('\n') + 1)..];
        Match line = Regex.Match(
            last, @"^operations (\d+) deaths (\d+) longest-stall-ms (\d+) losses 0$");
        Assert.That(line.Success, answer);
        Assert.That(int.Parse(line.Groups[1].Value), Is.GreaterThan(1_000), answer);
        Assert.That(int.Parse(line.Groups[2].Value), Is.GreaterThan(60), answer);
        Assert.That(answer, Does.Contain("before: frames ").And.Contain("after:  frames "));
        Assert.That(answer, Does.Match(@"(?m)^audits \d{2,} leaked 0$"));
        Assert.That(answer, Does.Not.Contain("left over").And.Not.Contain("worker "));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/tmp/stress"));
        Assert.That(Succeeds("ls /tmp"), Does.Not.Contain("stress"));
        Assert.That(Succeeds("jobs"), Is.Empty);
        TestContext.Out.WriteLine(answer);
    }

    [Test]
    public void Stress_that_is_interrupted_leaves_nothing()
    {
        Machine.WaitForPrompt();
        Machine.Type("stress --seconds 600\n");
        Machine.WaitFor("stress: 2 s: ", TimeSpan.FromSeconds(60));
        Machine.Type("\x03");
        Machine.WaitForPrompt();
        Assert.That(Run("echo $?"), Is.EqualTo("130"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/tmp/stress"));
        Assert.That(Succeeds("jobs"), Is.Empty);
    }

    [TestCase("stress --seconds 0", "not from 1 to")]
    [TestCase("stress --seconds x", "not a number")]
    [TestCase("stress --seed", "not a number")]
    [TestCase("stress --kindly", "unknown option")]
    [TestCase("stress now", "usage")]
    [TestCase("stress --work 9", "no such worker")]
    public void Stress_with_wrong_arguments_is_one_line(string line, string reason) =>
        Assert.That(Fails(line), Does.Contain(reason));
}

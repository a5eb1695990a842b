// A million random system calls harm nobody: the kernel lives, a neighbour's files are right, no
// other task dies, and everything is given back.

using System;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Tests.Boot.Kernel;

public sealed class FuzzTests : BootTest
{
    private const int Calls = 1_000_000, FuzzSeconds = 300;

    [Test]
    public void Kernel_survives_a_million_random_calls_and_loses_nothing()
    {
        string seed = Environment.GetEnvironmentVariable("COSMOS_FUZZ_SEED") ?? "1";
        string answer = Run($"run fuzz --calls {Calls} --seed {seed}", FuzzSeconds);
        TestContext.Out.WriteLine(answer);
        Match end = Regex.Match(
            answer, "fuzz seed [0-9]+: ([0-9]+) calls by [0-9]+ processes .*, losses 0");
        Assert.That(end.Success, Is.True, answer);
        Assert.That(int.Parse(end.Groups[1].Value), Is.GreaterThanOrEqualTo(Calls));
        Assert.That(Succeeds("audit"), Does.Not.Contain("leaked"));
        Succeeds("write /tmp/after still here");
        Assert.That(Succeeds("cat /tmp/after").Trim(), Is.EqualTo("still here"));
    }
}

// Random systems on the real kernel, each kernel entry compared with a model: calls are answered
// exactly once, capabilities are what their ancestors allow, nothing is lost or left.
//
// A failing case is made small, and printed with the one command that runs it again.

using NUnit.Framework;

namespace Tests.Simulation.Swarm;

public sealed class SwarmTests
{
    const int Steps = 1_000_000, StepsPerCase = 20_000;

    [Test]
    public void Swarm_keeps_all_promises_for_a_million_steps()
    {
        if (SwarmCase.Wanted() is { } wanted)
        {
            Assert.That(Run(wanted).Failure, Is.Null);
            return;
        }

        SwarmTally tally = new();
        SoakTime? soak = SoakTime.Wanted();
        long steps = 0;
        for (int seed = soak?.FirstSeed ?? 1; soak is null ? steps < Steps : !soak.IsOver; seed++)
        {
            SwarmCase next = new(seed, StepsPerCase);
            using SwarmWorld world = new(next);
            if (world.Run() is { } failure) Report(next, failure);
            tally.Add(world.Tally);
            steps += world.Step;
        }

        TestContext.Out.WriteLine($"swarm: {steps} steps, {tally}");
        if (soak is not null) return;
        Assert.That(tally.Calls, Is.GreaterThan(50_000));
        Assert.That(tally.Redeliveries, Is.GreaterThan(500));
        Assert.That(tally.RepliesWithBytes, Is.GreaterThan(50));
        Assert.That(tally.RepliesThatMint, Is.GreaterThan(50));
        Assert.That(tally.LateCloses, Is.GreaterThan(50));
        Assert.That(tally.KeptOpen, Is.GreaterThan(50));
        Assert.That(tally.Parts, Is.GreaterThan(50));
        Assert.That(tally.Ends.Keys, Is.SupersetOf((string[])
            ["Cancelled", "PeerDied", "Poisoned", "QuotaExceeded", "Revoked", "TimedOut"]));
    }

    static (string? Failure, int Step) Run(SwarmCase swarmCase)
    {
        using SwarmWorld world = new(swarmCase);
        return (world.Run(), world.Step);
    }

    static void Report(SwarmCase failing, string failure)
    {
        (SwarmCase small, string why) = SwarmCase.Shrink(failing, failure, Run);
        Assert.Fail($"{why}\nfirst seen as: {failure}\n{failing}\n{small.Command}");
    }
}

// Most of the hundred thousand deaths: MemFs at stores to its vault, and what all tests bring about
// together.

using NUnit.Framework;
using System;
using Tests.Simulation.Work;

[assembly: LevelOfParallelism(2)]
[assembly: Parallelizable(ParallelScope.Fixtures)]

namespace Tests.Simulation.Kills;

public sealed class VaultKillTests
{
    const int Seeds = 60;

    [Test]
    public void Memfs_that_dies_at_random_stores_gives_only_right_answers()
    {
        int deaths = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            VaultWork work = new(seed);
            try
            {
                work.Run(KillBudget.Vault / Seeds + 1);
            }
            catch (Exception exception)
            {
                // A run is a function of its seed; there is nothing to record.
                Assert.Fail($"seed {seed}, after {work.Deaths} deaths: {exception}");
            }

            deaths += work.Deaths;
        }

        TestContext.Out.WriteLine($"{deaths} deaths of memfs at stores to its vault");
        Assert.That(deaths, Is.GreaterThan(KillBudget.Vault));
    }

    [Test]
    public void Deaths_of_all_tests_are_as_many_as_was_promised() =>
        Assert.That(
            KillBudget.Sweep + KillBudget.RandomWork + KillBudget.Vault,
            Is.GreaterThanOrEqualTo(KillBudget.Promised));
}

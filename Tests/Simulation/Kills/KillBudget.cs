// How many deaths the simulation brings about in a normal test run: each test asserts its share,
// and together they are at least 100,000.

namespace Tests.Simulation.Kills;

static class KillBudget
{
    public const int Promised = 100_000;

    /// <summary>At each point of each operation, in turn.</summary>
    public const int Sweep = 700;
    /// <summary>Any task of the whole system, at random.</summary>
    public const int RandomWork = 10_000;
    /// <summary>MemFs alone, at stores to its vault.</summary>
    public const int Vault = 90_000;
}

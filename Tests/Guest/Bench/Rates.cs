// Reads and writes a second, without deaths and with one death a second: the share that is left,
// in thousandths.

using System.Globalization;
using System.Threading;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal enum Deaths { None, One }

internal sealed class Rates(BenchMount mount, BenchOptions options, ByteStreamWriter output)
{
    private const ulong NsPerMs = 1_000_000;
    private const int DeathEachMs = 1000;

    public void Run()
    {
        Measure("reads", Clients.Reader);
        Measure("writes", Clients.Writer);
    }

    private void Measure(string what, Clients clients)
    {
        using Load load = new(mount, Pace.Unlimited, clients);
        Thread.Sleep(200);
        // In turn, so that a slow moment of the host falls on both.
        double alive = 0, dying = 0;
        Distribution shares = new();
        for (int second = 0; second < options.Seconds; second++)
        {
            double quiet = OneSecond(load, Deaths.None), busy = OneSecond(load, Deaths.One);
            shares.Add((ulong)(1000 * busy / quiet));
            alive += quiet;
            dying += busy;
            load.Check();
        }
        output.WriteLine(shares.Line($"{what} with one death a second"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {alive / options.Seconds:F0} a second, with one death a second "
            + $"{100 * dying / alive:F1} %"));
    }

    private double OneSecond(Load load, Deaths deaths)
    {
        long before = load.Operations;
        ulong startNs = mount.NowNs;
        if (deaths == Deaths.One)
        {
            BenchMount.Require(mount.Supervisor.Kill(BenchMount.Server), "kill");
        }
        int left = DeathEachMs - (int)((mount.NowNs - startNs) / NsPerMs);
        if (left > 0) Thread.Sleep(left);
        return (load.Operations - before) / ((mount.NowNs - startNs) / 1e9);
    }
}

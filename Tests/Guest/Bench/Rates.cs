// Reads and writes a second, without deaths and with one death a second.

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
        using Load load = new(mount, Pace.Unlimited);
        Thread.Sleep(200);
        // In turn, so that a slow moment of the host falls on both.
        (double Reads, double Writes) alive = default, dying = default;
        for (int second = 0; second < options.Seconds; second++)
        {
            Add(ref alive, Measure(load, Deaths.None));
            Add(ref dying, Measure(load, Deaths.One));
            load.Check();
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"rates: reads {alive.Reads / options.Seconds:F0} a second, with deaths "
            + $"{100 * dying.Reads / alive.Reads:F1} %; writes "
            + $"{alive.Writes / options.Seconds:F0} a second, with deaths "
            + $"{100 * dying.Writes / alive.Writes:F1} %"));
    }

    private static void Add(ref (double Reads, double Writes) sum, (double, double) more) =>
        sum = (sum.Reads + more.Item1, sum.Writes + more.Item2);

    private (double Reads, double Writes) Measure(Load load, Deaths deaths)
    {
        long reads = load.Reads, writes = load.Writes;
        ulong startNs = mount.NowNs;
        if (deaths == Deaths.One)
        {
            BenchMount.Require(mount.Supervisor.Kill(BenchMount.Server), "kill");
        }
        int left = DeathEachMs - (int)((mount.NowNs - startNs) / NsPerMs);
        if (left > 0) Thread.Sleep(left);
        double seconds = (mount.NowNs - startNs) / 1e9;
        return ((load.Reads - reads) / seconds, (load.Writes - writes) / seconds);
    }
}

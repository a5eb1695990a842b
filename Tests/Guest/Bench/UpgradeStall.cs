// How long the longest operation takes while its server is replaced by the next version.

using System.Threading;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal sealed class UpgradeStall(
    BenchMount mount, BenchOptions options, ByteStreamWriter output)
{
    private const string Image = "memfs2";

    public void Run()
    {
        Distribution times = new();
        for (int upgrade = 0; upgrade < options.Kills; upgrade++)
        {
            // Its vault is of the newer format afterwards, so each needs a fresh one.
            if (upgrade > 0) mount.Mount();
            using Load load = new(mount, Pace.Unlimited, Clients.Reader);
            Thread.Sleep(20);
            load.TakeLongestNs();
            BenchMount.Require(mount.Supervisor.Upgrade(BenchMount.Server, Image), "upgrade");
            Thread.Sleep(2);
            times.Add(load.TakeLongestNs());
            load.Check();
        }
        output.WriteLine(times.Line($"upgrade stall, {options.Files} files"));
    }
}

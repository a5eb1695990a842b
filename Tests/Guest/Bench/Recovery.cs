// From the kill of a file server to the next right answer on a handle that was open: with nobody
// else there, as on Linux (Tests/Benchmarks/Peer/Source/recovery.c), and under load.
//
// The time contains the kill itself: the call to the supervisor, and its answer.

using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench;

internal sealed class Recovery(BenchMount mount, BenchOptions options, ByteStreamWriter output)
{
    private const int File = 500;
    private const int SettleMs = 200;

    public void Run()
    {
        using RemoteFile opened = mount.Open(WatchedFile, OpenMode.Read);
        // After the first death there is a template of the image to be made, once.
        Measure(opened, kills: 1, static () => { });
        Thread.Sleep(SettleMs);
        Print("recovery", Measure(opened, options.Kills, static () => { }));
        using Load load = new(mount, Pace.EachMillisecond, Clients.Both);
        // The load opens its files, and everything has been done once.
        Thread.Sleep(20);
        Print("recovery under load,", Measure(opened, options.Kills, load.Check));
    }

    private int WatchedFile => System.Math.Min(File, options.Files - 1);

    private Distribution Measure(RemoteFile opened, int kills, System.Action check)
    {
        byte[] bytes = new byte[BenchMount.FileBytes];
        Distribution times = new();
        for (int kill = 0; kill < kills; kill++)
        {
            if (options.Spare == SpareUse.Yes) mount.WaitForSpare();
            else mount.EndSpare();
            BenchMount.Check(opened, WatchedFile, bytes);
            ulong startNs = mount.NowNs;
            BenchMount.Require(mount.Supervisor.Kill(BenchMount.Server), "kill");
            BenchMount.Check(opened, WatchedFile, bytes);
            times.Add(mount.NowNs - startNs);
            check();
        }
        return times;
    }

    private void Print(string row, Distribution times)
    {
        string how = options.Spare == SpareUse.Yes ? "with a spare" : "without a spare";
        output.WriteLine(times.Line($"{row} {how}, {options.Files} files"));
    }
}

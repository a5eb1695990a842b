// From the kill of a file server to the next right answer on a handle that was open, under load.
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

    public void Run()
    {
        int file = System.Math.Min(File, options.Files - 1);
        byte[] bytes = new byte[BenchMount.FileBytes];
        Distribution times = new();
        using RemoteFile opened = mount.Open(file, OpenMode.Read);
        using (Load load = new(mount, Pace.EachMillisecond, Clients.Both))
        {
            // The load opens its files, and everything has been done once.
            Thread.Sleep(20);
            for (int kill = 0; kill < options.Kills; kill++)
            {
                BenchMount.Check(opened, file, bytes);
                if (options.Spare == SpareUse.Yes) mount.WaitForSpare();
                else mount.EndSpare();
                ulong startNs = mount.NowNs;
                BenchMount.Require(mount.Supervisor.Kill(BenchMount.Server), "kill");
                BenchMount.Check(opened, file, bytes);
                times.Add(mount.NowNs - startNs);
                load.Check();
            }
        }
        string how = options.Spare == SpareUse.Yes ? "with a spare" : "without a spare";
        output.WriteLine(times.Line($"recovery {how}, {options.Files} files"));
    }
}

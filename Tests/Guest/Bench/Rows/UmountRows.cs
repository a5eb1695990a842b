// Umount of a memfs of which so many handles are open; afterwards they are dead, which is checked.
// One of them is read so often before that its program keeps what it has read (ReadCache).

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class UmountRows(TaskContext task, Timed timed)
{
    private const int Rounds = 20, RoundsOfMost = 4;
    private const int ReadsUntilKept = 4, SettleMs = 50;
    private const ulong WarmNs = 1_000_000;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly FileApi _files = FileApi.Open(task);

    public void Run()
    {
        foreach (int count in (int[])[1, 100, 10_000])
        {
            int rounds = count > HandleHolders.MostOfOne ? RoundsOfMost : Rounds;
            timed.RunPart($"umount {count} handles", rounds, () => UnmountOnce(count));
        }
    }

    private ulong UnmountOnce(int count)
    {
        using Mounted mount = new(_supervisor, _files, "memfs");
        using HandleHolders holders = new(task, _files, count);
        for (int i = 0; i < ReadsUntilKept; i++) Read(holders.Mine[0]);
        // What the mount and the umount before have left to do is not part of this one.
        Thread.Sleep(SettleMs);
        // A processor that has slept is another one, by the clock of the wall.
        for (ulong until = task.NowNs + WarmNs; task.NowNs < until;) Read(holders.Mine[^1]);
        ulong before = task.NowNs;
        mount.Unmount();
        ulong tookNs = task.NowNs - before;
        foreach (RemoteFile file in holders.Mine) RequireDead(file);
        return tookNs;
    }

    private static void RequireDead(RemoteFile file)
    {
        Status status = Read(file);
        if (status != Status.Revoked) throw new BenchException($"read after umount: {status}");
    }

    private static Status Read(RemoteFile file)
    {
        Span<byte> bytes = stackalloc byte[1];
        return file.Read(bytes).Status;
    }
}

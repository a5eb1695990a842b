// What it costs the kernel to clear one handle away, after an umount and after a kill: the time
// until nothing is left to reclaim with many handles, less that with one, by the number of them.
//
// Rules: the kernel reclaims when nobody runs, so this waits, a few microseconds at a time; what
// its own looks at the kernel cost is taken off. Handles of a killed process are copies of one.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Bench.Rows;

internal sealed class ReclaimRows(TaskContext task, ByteStreamWriter output)
{
    private const int Rounds = 7, ManyOpen = 10_000, ManyCopies = HandleHolders.MostOfOne;
    private const ulong WaitNs = 20_000;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly FileApi _files = FileApi.Open(task);
    private readonly Handle _machine = task.Claim("machine");
    private readonly KernelCounters[] _counters = new KernelCounters[1];

    public void Run()
    {
        Measure("reclaim of a handle, umount", ManyOpen, AfterUnmount);
        Measure("reclaim of a handle, kill", ManyCopies, AfterKill);
    }

    private void Measure(string name, int handles, Func<int, ulong> once)
    {
        Distribution one = new(), each = new();
        for (int round = 0; round < Rounds; round++) one.Add(once(1));
        for (int round = 0; round < Rounds; round++)
        {
            ulong many = once(handles);
            each.Add(many > one.Median ? (many - one.Median) / (ulong)(handles - 1) : 0);
        }
        output.WriteLine(each.Line(name));
    }

    private ulong AfterUnmount(int handles)
    {
        using Mounted mount = new(_supervisor, _files, "memfs");
        using HandleHolders holders = new(task, _files, handles);
        WaitUntilReclaimed();
        ulong before = task.NowNs;
        mount.Unmount();
        ulong unmountedNs = task.NowNs - before;
        return unmountedNs + WaitUntilReclaimed();
    }

    private ulong AfterKill(int handles)
    {
        HelperJobs jobs = new(_supervisor);
        JobStarted job = HandleHolders.StartHelper(jobs, _files, HelperJobs.Copy, handles);
        WaitUntilReclaimed();
        ulong before = task.NowNs;
        jobs.Kill(job);
        ulong killedNs = task.NowNs - before;
        return killedNs + WaitUntilReclaimed();
    }

    /// <summary>How long that took, without the looks.</summary>
    private ulong WaitUntilReclaimed()
    {
        ulong startNs = task.NowNs, looksNs = 0;
        while (true)
        {
            ulong before = task.NowNs;
            Result<InspectPage<KernelCounters>> page = task.Kernel.Inspect<KernelCounters>(
                _machine, InspectKind.Counters, 0, _counters);
            BenchMount.Require(page.Status, "counters");
            ulong now = task.NowNs;
            looksNs += now - before;
            if (_counters[0].ReclaimPending == 0) return now - startNs - looksNs;
            task.Kernel.ReceiveNotification(now + WaitNs);
        }
    }
}

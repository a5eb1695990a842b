// Measures inside of the guest: `bench NAME [OPTIONS]`, a line for each figure.
//
// Rules: times are the kernel's clock, which under -icount counts instructions. A wrong answer ends
// the run with exit code 1, and no figure is printed for it.

using System;
using System.Threading;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Guest.Bench;
using Tests.Guest.Bench.Rows;

return TaskMain.Run(static task =>
{
    // Before anything that a program does not have to do.
    if (task.Arguments is [HelperJobs.CallOnce]) return HelperJobs.MakeFirstCall(task);
    ByteStreamWriter output = new(StandardOutput.Open(task));
    int code;
    try
    {
        code = Run(task, output);
    }
    catch (BenchException problem)
    {
        output.WriteLine($"bench: {problem.Message}");
        code = 1;
    }
    output.Flush();
    return code;

    static int Run(TaskContext task, ByteStreamWriter output)
    {
        BenchOptions options = BenchOptions.Parse(task.Arguments);
        Timed timed = new(task, options, output);
        switch (options.Name)
        {
            case "calls": new CallRows(task, timed, options).Run(); return 0;
            case "processes": new ProcessRows(task, timed, options).Run(); return 0;
            case "umounts": new UmountRows(task, timed).Run(); return 0;
            case "reclaim": new ReclaimRows(task, output).Run(); return 0;
            case "memory": new TaskRows(task, output).MeasureMemory(); return 0;
            case "boot": new TaskRows(task, output).MeasureBoot(); return 0;
            case "pauses": new PauseRows(task, options, output).Run(); return 0;
            case "stretches": new StretchRows(task, output).Run(); return 0;
            case "stretches-on": new StretchRows(task, output).Begin(); return 0;
            case "stretches-so-far": new StretchRows(task, output).Report(); return 0;
            case "callers": new Waiters(task, options).Run(); return 0;
            case HelperJobs.Sleep: Thread.Sleep(Timeout.Infinite); return 1;
            case HelperJobs.Hold: HandleHolders.Hold(task, options); return 1;
            case HelperJobs.Wait: Waiters.Wait(task, options); return 1;
            case HelperJobs.Ask: Waiters.Ask(task, options); return 1;
            case HelperJobs.Copy: HandleHolders.Copy(task, options); return 1;
            default: return RunOnMount(task, options, timed, output);
        }
    }

    static int RunOnMount(
        TaskContext task, BenchOptions options, Timed timed, ByteStreamWriter output)
    {
        using BenchMount mount = new(task, options);
        switch (options.Name)
        {
            case "files": new FileRows(mount, timed, options).Run(); return 0;
            case "recovery": new Recovery(mount, options, output).Run(); return 0;
            case "rates": new Rates(mount, options, output).Run(); return 0;
            case "upgrade": new UpgradeStall(mount, options, output).Run(); return 0;
            default: throw new BenchException($"{options.Name}: no such measurement");
        }
    }
});

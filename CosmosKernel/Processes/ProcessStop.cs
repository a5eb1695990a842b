// Stop and continue: threads keep their state but never run, and are handed nothing.

using CosmosKernel.Ipc;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public static class ProcessStop
{
    public static void Stop(Kernel kernel, Process process)
    {
        if (process.State is not (ProcessState.Running or ProcessState.MainExited)) return;
        process.State = ProcessState.Stopped;
        for (Thread? thread = process.FirstThread; thread is not null;
             thread = thread.NextInProcess)
        {
            kernel.Scheduler.Stop(thread);
        }
    }

    public static void Continue(Kernel kernel, Process process)
    {
        if (process.State != ProcessState.Stopped) return;
        process.State = process.MainThread is null
            ? ProcessState.MainExited : ProcessState.Running;
        for (Thread? thread = process.FirstThread; thread is not null;
             thread = thread.NextInProcess)
        {
            kernel.Scheduler.Continue(thread);
            if (thread.State != ThreadState.InReceive) continue;
            // Whoever served has died meanwhile: this one waits there, and can be given calls now.
            if (thread.ReceivingOn is { Server: null } endpoint)
                EndpointServers.Become(kernel, endpoint, process);
            ReceivePath.Poll(kernel, thread);
        }
    }
}

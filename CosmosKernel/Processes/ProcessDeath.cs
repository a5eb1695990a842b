// The end of a process: marked in one bounded step, ended in as few parts as the calls in its hands
// allow (Endings), reclaimed later in slices (Reclaimer).
//
// When Mark returns no thread of it runs, and its calls are cancelled. Once it is not IsEnding, its
// requests are back in their queues or answered, OnDeath was applied, its vault is free, and its
// maker has been told. A process dies once: whoever comes first gives the cause.

using CosmosKernel.Ipc;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public static unsafe class ProcessDeath
{
    /// <summary>
    /// The thread has done something that ends its process: a fault, a malformed call, an abort. An
    /// earlier hardware fault of the process, or what it said itself, is kept as the cause of an
    /// abort.
    /// </summary>
    public static void ThreadFaulted(
        Kernel kernel, Thread thread, DeathCause cause, ulong faultAddress)
    {
        Process process = thread.Process;
        if (!process.IsAlive) return;
        if (cause is DeathCause.Abort or DeathCause.UnhandledException)
        {
            if (process.FirstFault != DeathCause.None)
            {
                cause = process.FirstFault;
                faultAddress = process.FirstFaultAddress;
            }
            else if (process.AnnouncedCause != DeathCause.None)
            {
                cause = process.AnnouncedCause;
            }
        }

        // Its memory was right, and only there was no frame for it.
        if (process.AddressSpace.IsOutOfMemory) cause = DeathCause.Memory;
        DeathRecords.Fill(kernel, process, cause, 0, thread, faultAddress);
        CallRequest? blamed = cause == DeathCause.Memory ? null : thread.Handling;
        Mark(kernel, process, blamed);
    }

    /// <summary>The process exits by itself; all its threads end with the calling one.</summary>
    public static void Exited(Kernel kernel, Thread thread, int exitCode)
    {
        Process process = thread.Process;
        if (!process.IsAlive) return;
        DeathCause cause = process.AnnouncedCause == DeathCause.None
            ? DeathCause.Exit : process.AnnouncedCause;
        DeathRecords.Fill(kernel, process, cause, exitCode, thread, 0);
        Mark(kernel, process, cause == DeathCause.Memory ? null : thread.Handling);
    }

    /// <summary>One thread ends; its process with it if it was the last.</summary>
    public static void ThreadExited(Kernel kernel, Thread thread, int exitCode)
    {
        Process process = thread.Process;
        if (!process.IsAlive) return;
        if (process.ThreadCount == 1)
        {
            Exited(kernel, thread, exitCode);
            return;
        }

        bool wasMain = process.MainThread == thread;
        StopThread(kernel, thread);
        kernel.Threads.Free(thread);
        process.ThreadCount--;
        if (wasMain && process.State == ProcessState.Running)
            process.State = ProcessState.MainExited;
        PassRequestsOn(kernel, thread, process.FirstThread!);
    }

    /// <summary>Ends the process from outside. Nothing that lives can refuse or delay it.</summary>
    public static void Kill(Kernel kernel, Process process, DeathCause cause)
    {
        if (!process.IsAlive) return;
        CallRequest? blamed = cause == DeathCause.Hung ? FindHungRequest(kernel, process) : null;
        Thread? thread = blamed?.Server ?? process.MainThread ?? process.FirstThread;
        DeathRecords.Fill(kernel, process, cause, 0, thread, 0);
        if (blamed is not null) process.Death.RequestId = blamed.Id.Value;
        Mark(kernel, process, blamed);
    }

    /// <summary>
    /// The oldest request whose thread neither waits on somebody else nor has parked it.
    /// </summary>
    static CallRequest? FindHungRequest(Kernel kernel, Process process)
    {
        CallRequest? oldest = null;
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State != RequestState.Delivered) continue;
            Thread server = request.Server!;
            if (server.Process != process || server.State == ThreadState.InCall) continue;
            if (oldest is null || request.ReplyHandle < oldest.ReplyHandle)
                oldest = request;
        }

        return oldest;
    }

    static void Mark(Kernel kernel, Process process, CallRequest? blamed)
    {
        if (process.BlamesNobody) blamed = null;
        if (blamed is not null && blamed.Faults < ushort.MaxValue) blamed.Faults++;
        process.State = ProcessState.Zombie;
        kernel.Counters.Deaths++;
        if (kernel.IsTracing) kernel.Trace.Died(process);
        for (Thread? thread = process.FirstThread; thread is not null;
             thread = thread.NextInProcess)
        {
            StopThread(kernel, thread);
        }

        kernel.Endings.Add(process);
        kernel.Endings.RunPart();
    }

    /// <summary>Its calls are dealt with (Endings).</summary>
    public static void Finish(Kernel kernel, Process process)
    {
        if (process.HasInterrupts) kernel.Devices.Forget(process.Id);
        kernel.DetachVault(process);
        kernel.Processes.DetachVault(process);
        kernel.Processes.ForgetMaker(process);
        System.Array.Clear(process.GoneReplies);
        kernel.Reclaimer.Add(process);
        if (process.DeathNotification is { } notification)
        {
            process.DeathNotification = null;
            kernel.Notifications.Signal(notification, process.DeathBits);
            kernel.Notifications.Release(notification);
        }

        if (kernel.Supervisor is { } keeper && keeper.IsSupervisor(process)) keeper.Died();
    }

    /// <summary>The thread never runs again, and waits nowhere.</summary>
    static void StopThread(Kernel kernel, Thread thread)
    {
        if (thread.State == ThreadState.InCall && thread.Request.State != RequestState.None)
            CallPath.Withdraw(kernel, thread.Request);
        else if (thread.State == ThreadState.InReceive)
            ReceivePath.Leave(kernel, thread);
        kernel.Notifications.Unbind(thread);
        kernel.DiedInLinux(thread);
        kernel.Deadlines.Remove(thread);
        thread.Handling = null;
        thread.ReceivingOn = null;
        kernel.Scheduler.Block(thread, ThreadState.Dead);
    }

    /// <summary>
    /// Requests that an ended thread had received: its process may still answer them.
    /// </summary>
    static void PassRequestsOn(Kernel kernel, Thread thread, Thread heir)
    {
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.Server == thread) request.Server = heir;
        }
    }
}

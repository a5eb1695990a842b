// The kernel: BeforeRun once, then Run over and over. Run is one turn of the only loop there is.
//
// Interrupts are off in ring 0, there is one kernel stack, and no C# code is ever re-entered. That
// is the whole concurrency model. Nothing is allocated after the constructor.

using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Capabilities;
using CosmosKernel.Diagnostics.Timing;
using CosmosKernel.Diagnostics.Tracing;
using CosmosKernel.Ipc;
using CosmosKernel.Ipc.Badges;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CosmosKernel;

public sealed unsafe partial class Kernel
{
    /// <summary>What one thread may run before another of its priority gets its turn.</summary>
    public const ulong TimeSliceNs = 10_000_000;
    /// <summary>Waits that one interrupt ends, so that it does not take long.</summary>
    const int DeadlinesAtOnce = 32;
    /// <summary>No call's number. Who passes it while the trace is on makes the call.</summary>
    const ulong NoCall = ulong.MaxValue;

    public readonly IMachine Machine;
    public readonly BootInfo Boot;
    public readonly KernelConfig Config;
    public readonly IUserMemory UserMemory;

    public readonly Scheduler Scheduler;
    public readonly DeadlineQueue Deadlines;
    public readonly LateClosed LateClosed = new();
    /// <summary>ShortPath's, between its look at a reply that mints and what it does.</summary>
    public int MintSource;
    public readonly ThreadTable Threads;
    public readonly ProcessTable Processes;
    public readonly CapabilityTable Capabilities;
    public readonly EndpointTable Endpoints;
    public readonly NotificationTable Notifications;
    public readonly BadgeTable Badges;
    public readonly Endings Endings;
    public readonly Reclaimer Reclaimer;

    /// <summary>
    /// What happened since boot. The fields that are sizes are filled by Inspect.
    /// </summary>
    public KernelCounters Counters;

    /// <summary>
    /// Time of the present trap. Handlers use it rather than read the clock again.
    /// </summary>
    public ulong NowNs;
    /// <summary>Each value is used once.</summary>
    public ulong LastRequestId;
    /// <summary>The newest Reply handle without its thread (Ipc.Replies).</summary>
    public ulong LastReply = Replies.Mark;
    /// <summary>Calls are under way still whose capability was revoked (CallPath).</summary>
    public bool HasRevokedCalls;
    public readonly TraceRing Trace;
    public bool IsTracing { get; private set; }
    public readonly StretchTable Stretches = new();
    /// <summary>
    /// Numbers of the calls that may go the short way: none that a call can have while the trace is
    /// on, so that whether it is on need not be asked on that way.
    /// </summary>
    ulong shortReply = (ulong)SystemCall.ReplyReceive, shortCall = (ulong)SystemCall.Call;
    ulong armedNs = ulong.MaxValue;

    public Kernel(IMachine machine, BootInfo boot, KernelConfig config, IUserMemory userMemory)
    {
        Machine = machine;
        Boot = boot;
        Config = config;
        UserMemory = userMemory;
        Threads = new ThreadTable(config.Threads);
        Scheduler = new Scheduler();
        Deadlines = new DeadlineQueue(Threads, config.Threads);
        Capabilities = new CapabilityTable(this, config);
        Processes = new ProcessTable(this, config.Processes);
        Endpoints = new EndpointTable(this, config.Endpoints);
        Notifications = new NotificationTable(this, config.Notifications);
        Badges = new BadgeTable(this, config.Capabilities);
        Endings = new Endings(this, config.PartSteps);
        Reclaimer = new Reclaimer(this);
        Trace = new TraceRing(this, config.TraceRows);
        MakeMemoryTables();
        Frames.Reclaimer = Reclaimer;
        MakeDeviceTables();
    }

    /// <summary>One turn after the other; saves and loads no registers between them.</summary>
    [DoesNotReturn]
    public void RunForEver()
    {
        while (true)
        {
            while (Run())
            {
            }

            // The loop that times is another one, and is entered when nothing can run: so the fast
            // one need not ask.
            while (Stretches.IsOn) RunTimed();
        }
    }

    /// <summary>
    /// One turn: run the next thread until it traps, and answer the trap. False: none could run.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Run()
    {
        // A hand-over leaves the current thread to be resumed, and nothing else to look at.
        Thread? thread = Scheduler.Current;
        if (thread is null || Scheduler.IsDisplaced(thread))
        {
            thread = Choose();
            if (thread is null) return false;
        }

        if (thread.Linux.HasDeliverable)
        {
            // The thread may die of it, so choose again.
            DeliverSignal(thread);
            return true;
        }

        Answer(Machine.Resume(thread));
        return true;
    }

    /// <summary>Run, with the stretch from trap to resume told to the table.</summary>
    public void RunTimed()
    {
        Thread? thread = Scheduler.Current;
        if (thread is null || Scheduler.IsDisplaced(thread)) thread = Choose();
        if (thread is null) return;
        if (thread.Linux.HasDeliverable)
        {
            DeliverSignal(thread);
            return;
        }

        Stretches.End(Machine.Tsc);
        Trap trap = Machine.Resume(thread);
        Stretches.Begin(trap, Machine.Tsc);
        Answer(trap);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Answer(in Trap trap)
    {
        ulong now = Machine.NowNs;
        ulong usedNs = now - NowNs;
        NowNs = now;
        trap.Thread.CpuNs += usedNs;
        Dispatch(trap);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Dispatch(in Trap trap)
    {
        if (trap.Kind == TrapKind.SystemCall)
        {
            Counters.SystemCalls++;
            Thread thread = trap.Thread;
            ulong number = thread.Frame->Rax;
            // The two calls of which every round trip consists do not go through the table.
            if (number == shortReply)
            {
                if (!ShortPath.TryReplyReceive(this, thread))
                    ReplyPath.ReplyReceive(this, thread);
            }
            else if (number == shortCall)
            {
                if (!ShortPath.TryCall(this, thread)) CallPath.Call(this, thread);
            }
            else
            {
                SystemCallTable.Dispatch(this, thread);
            }
            return;
        }

        if (IsTracing) Trace.Ran(trap.Thread);
        if (trap.Kind == TrapKind.Fault)
        {
            HandleFault(trap.Thread);
            return;
        }

        TakeInterrupts();
    }

    /// <summary>SystemCall.Trace.</summary>
    public void SwitchTrace(bool isOn)
    {
        if (isOn) Trace.Clear();
        IsTracing = isOn;
        shortReply = isOn ? NoCall : (ulong)SystemCall.ReplyReceive;
        shortCall = isOn ? NoCall : (ulong)SystemCall.Call;
    }

    /// <summary>
    /// The next thread, with a tick to come before its slice ends; null: none, look again.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    Thread? Choose()
    {
        Thread? thread = Scheduler.Next();
        if (thread is null && Capabilities.HasLate) Capabilities.CloseDue();
        else if (thread is null && LateClosed.HasAny) LateClosed.Tell(this);
        else if (thread is null) RunIdle();
        else if (armedNs - NowNs > TimeSliceNs) ArmTimer();
        return thread;
    }

    /// <summary>Nothing can run: reclaim a slice and let interrupts in, or wait for one.</summary>
    void RunIdle()
    {
        ulong before = Machine.NowNs;
        if (Reclaimer.HasWork)
        {
            Reclaimer.RunSlice();
            armedNs = before;
            Machine.ArmTimer(before);
        }
        else
        {
            ArmTimer();
        }

        if (Stretches.IsOn) Stretches.End(Machine.Tsc);
        Machine.Idle();
        if (Stretches.IsOn) Stretches.BeginAfterIdle(Machine.Tsc);
        NowNs = Machine.NowNs;
        Counters.IdleNs += NowNs - before;
        if (IsTracing) Trace.Idled();
        TakeInterrupts();
    }

    /// <summary>Devices first, then whatever deadlines have passed, then the time slice.</summary>
    void TakeInterrupts()
    {
        uint lines = Machine.TakeInterrupts();
        Counters.Interrupts++;
        if ((lines & 0xFFFF) != 0) HandleDeviceInterrupts(lines & 0xFFFF);
        if (NowNs < armedNs && (lines & 1u << 31) == 0) return;

        armedNs = ulong.MaxValue;
        // Who is left has passed deadlines, for which the timer comes again at once.
        int left = DeadlinesAtOnce;
        while (Deadlines.TakeExpired(NowNs, ref left) is { } thread) DeadlineReached(thread);

        Capabilities.CloseDue();
        LateClosed.Tell(this);
        Supervisor?.LookIfDue();
        Scheduler.EndTimeSlice();
        if (HasParts) RunPart();
        else Reclaimer.RunSlice();
        // Whoever runs now must not run longer than a slice.
        ArmTimer();
    }

    /// <summary>Something was begun that is done in parts, and is not at its end.</summary>
    public bool HasParts => HasRevokedCalls || Endings.HasWork;

    void RunPart()
    {
        if (HasRevokedCalls) CallPath.EndRevoked(this);
        else Endings.RunPart();
    }

    /// <summary>
    /// The next part comes with the timer, at once: other interrupts, and whoever they wake, go
    /// first.
    /// </summary>
    public void ContinueSoon()
    {
        armedNs = NowNs;
        Machine.ArmTimer(NowNs);
    }

    /// <summary>Asks for the next tick: the first deadline, or the end of a time slice.</summary>
    void ArmTimer()
    {
        ulong deadline = HasParts ? NowNs : Deadlines.FirstNs;
        if (Supervisor is { } keeper) deadline = System.Math.Min(deadline, keeper.NextLookNs);
        if (Scheduler.HasReady || LateClosed.HasAny || Capabilities.HasLate)
            deadline = System.Math.Min(deadline, NowNs + TimeSliceNs);
        if (deadline == armedNs) return;
        armedNs = deadline;
        Machine.ArmTimer(deadline);
    }

    /// <summary>A server, if one waits, is to hear of a Closed: with a call, or soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TellLater(Endpoint endpoint)
    {
        if (endpoint.HasReceiver) TellWaiting(endpoint);
    }

    void TellWaiting(Endpoint endpoint)
    {
        LateClosed.Add(endpoint);
        ExpectTick();
    }

    /// <summary>Something is to be done at the next tick.</summary>
    public void ExpectTick()
    {
        if (armedNs - NowNs > TimeSliceNs) ArmTimer();
    }

    /// <summary>A wait was given a deadline: the timer must not come after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetDeadline(Thread thread, ulong deadlineNs)
    {
        Deadlines.Set(thread, deadlineNs);
        if (deadlineNs >= armedNs) return;
        armedNs = deadlineNs;
        Machine.ArmTimer(deadlineNs);
    }

    void DeadlineReached(Thread thread)
    {
        switch (thread.State)
        {
            case ThreadState.InCall: CallPath.TimedOut(this, thread); break;
            case ThreadState.InReceive: ReceivePath.TimedOut(this, thread); break;
            default: LinuxDeadlineReached(thread); break;
        }
    }

    // Owned by Memory: see Memory/Kernel.Memory.cs.
    partial void MakeMemoryTables();
    /// <summary>A page fault or another exception of the thread; may kill its process.</summary>
    partial void HandleFault(Thread thread);
    /// <summary>
    /// Frees up to budget steps of a dead process's memory; isDone when all is gone.
    /// </summary>
    partial void ReclaimMemory(Process process, ref int budget, ref bool isDone);
    /// <summary>The process has just died: its vault is free for the next incarnation.</summary>
    partial void ReleaseVault(Process process);
    /// <summary>A capability for a Memory, Vault, IoPorts, ... object was made.</summary>
    partial void AddObjectReference(ObjectType type, int index);
    /// <summary>A capability for such an object is gone; the last one frees the object.</summary>
    partial void ReleaseObjectReference(ObjectType type, int index);

    // Owned by Arch/X64/Linux.
    partial void HandleLinuxCall(Thread thread);
    /// <summary>The thread is about to run and has a signal to take first.</summary>
    partial void DeliverSignal(Thread thread);
    /// <summary>A wait in state InFutex or InSleep has ended.</summary>
    partial void LinuxDeadlineReached(Thread thread);
    /// <summary>The thread has died in whatever state: take it off futex lists.</summary>
    partial void LinuxThreadDied(Thread thread);

    // Owned by the devices.
    partial void MakeDeviceTables();
    partial void HandleDeviceInterrupts(uint lines);

    /// <summary>For system calls that only Kernel's own parts may pass on.</summary>
    public void DispatchLinux(Thread thread) => HandleLinuxCall(thread);

    internal void AddReference(ObjectType type, int index)
    {
        AddObjectReference(type, index);
        Devices.AddReference(type, index);
    }

    internal void ReleaseReference(ObjectType type, int index)
    {
        ReleaseObjectReference(type, index);
        Devices.ReleaseReference(type, index);
    }

    internal void DiedInLinux(Thread thread) => LinuxThreadDied(thread);
    internal void DetachVault(Process process) => ReleaseVault(process);

    internal bool ReclaimMemoryStep(Process process, ref int budget)
    {
        bool isDone = true;
        ReclaimMemory(process, ref budget, ref isDone);
        return isDone;
    }
}

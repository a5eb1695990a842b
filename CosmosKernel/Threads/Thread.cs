// A register frame and a state. Belongs to one process; has at most one call in flight.
//
// Pooled: made at boot by ThreadTable, never by the garbage collector afterwards. The fields of the
// call in flight live here because a thread cannot have two; Ipc owns them.

using CosmosKernel.Arch;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Threads;

public enum ThreadState : byte
{
    Free = 0,
    /// <summary>In a run queue, or running.</summary>
    Ready = 1,
    /// <summary>In Call: see Request.</summary>
    InCall = 2,
    /// <summary>In Receive, on an endpoint or on the bound notification alone.</summary>
    InReceive = 3,
    /// <summary>Waits on a futex (Linux personality).</summary>
    InFutex = 4,
    /// <summary>Sleeps until a deadline (Linux personality).</summary>
    InSleep = 5,
    /// <summary>Dead; its record is not reclaimed yet.</summary>
    Dead = 6,
}

public sealed unsafe class Thread(int index, UserFrame* frame)
{
    public readonly int Index = index;
    public readonly UserFrame* Frame = frame;
    /// <summary>
    /// Changes with each reuse of the record; capabilities and Linux ids check it.
    /// </summary>
    public uint Generation = 1;

    public Process Process = null!;
    public ThreadState State;
    /// <summary>
    /// Set while the process is stopped: the thread keeps its state but never runs.
    /// </summary>
    public bool IsStopped;
    public Priority BasePriority;
    /// <summary>Base, or higher while it serves a caller of higher priority.</summary>
    public Priority EffectivePriority
    {
        get => effectivePriority;
        set
        {
            effectivePriority = value;
            HigherLevels = uint.MaxValue << (int)value + 1;
        }
    }
    Priority effectivePriority;
    /// <summary>Bit N: priority N is higher than its own (Scheduler).</summary>
    public uint HigherLevels { get; private set; }
    public ulong CpuNs;

    // Links. Each list says who owns it.
    /// <summary>Run queue, by index; good while it is queued (Scheduler).</summary>
    public int NextReady, PreviousReady;
    public bool IsQueuedReady;
    /// <summary>Threads of one process (Process).</summary>
    public Thread? NextInProcess;
    /// <summary>Endpoint's or notification's or futex's wait list (its owner).</summary>
    public Thread? NextWaiting, PreviousWaiting;

    /// <summary>Absolute time at which the present wait ends, 0 for none (DeadlineQueue).</summary>
    public ulong WaitDeadlineNs;
    /// <summary>Place in the queue, which outlasts the wait; -1 none.</summary>
    public int DeadlineSlot = -1;

    /// <summary>The call this thread has in flight, or is free for the next.</summary>
    public readonly CallRequest Request = new();
    /// <summary>The request that it received last and has neither answered nor parked.</summary>
    public CallRequest? Handling
    {
        get => isHandling ? lastHandled : null;
        set
        {
            isHandling = value is not null;
            if (isHandling && lastHandled != value) lastHandled = value;
        }
    }

    /// <summary>As Handling = request, inline.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Handle(CallRequest request)
    {
        isHandling = true;
        if (lastHandled != request) lastHandled = request;
    }

    // Kept when it is done, as CallRequest keeps its server.
    CallRequest? lastHandled;
    bool isHandling;
    /// <summary>In Receive: where it listens; null for the bound notification only.</summary>
    public Endpoint? ReceivingOn;
    /// <summary>In Receive: where received handles and leases go, or 0.</summary>
    public ulong ReceiveExtrasAddress;
    public Notification? BoundNotification;
    /// <summary>CancelCall came while nothing was waiting.</summary>
    public bool IsCancelPending;

    /// <summary>Linux personality of this thread: signals, robust list, exit futex.</summary>
    public readonly Arch.X64.Linux.LinuxThread Linux = new();

    public uint Id => (uint)Index + 1;

    /// <summary>Makes a free record a thread of the process.</summary>
    public void Reset(Process process)
    {
        Process = process;
        State = ThreadState.Free;
        IsStopped = process.State == ProcessState.Stopped;
        BasePriority = EffectivePriority = process.Priority;
        CpuNs = 0;
        WaitDeadlineNs = 0;
        DeadlineSlot = -1;
        Request.Reset(this);
        ReceivingOn = null;
        BoundNotification = null;
        Handling = null;
        IsCancelPending = false;
        Linux.Reset();
    }
}

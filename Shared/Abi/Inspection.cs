// Rows that Inspect returns: what ps, caps, waits, free and /proc show.

using System.Runtime.InteropServices;

namespace Shared.Abi;

/// <summary>
/// Which table Inspect reads. Argument 2 is the cursor (0 first, returned in argument 0).
/// </summary>
public enum InspectKind : uint
{
    /// <summary>One ProcessRow for each process, living or uncollected.</summary>
    Processes = 0,
    /// <summary>One CapabilityRow for each handle of the process in argument 5.</summary>
    Capabilities = 1,
    /// <summary>One WaitRow for each call in flight.</summary>
    Waits = 2,
    /// <summary>One KernelCounters.</summary>
    Counters = 3,
    /// <summary>One ImageRow for each image of the boot archive.</summary>
    Images = 4,
    /// <summary>The boot command line, as bytes.</summary>
    CommandLine = 5,
    /// <summary>One EndpointRow for each endpoint.</summary>
    Endpoints = 6,
    /// <summary>One VaultRow for each vault.</summary>
    Vaults = 7,
    /// <summary>One TraceRow for each event of the trace, the oldest first.</summary>
    Trace = 8,
    /// <summary>One StretchRow for each kind of stretch that was counted.</summary>
    Stretches = 9,
}

public enum ProcessState : byte
{
    Created = 0,
    Running = 1,
    Stopped = 2,
    Zombie = 3,
    MainExited = 4,
    /// <summary>
    /// It has reached Snapshot: processes can be copied from it, or were and still show its pages.
    /// </summary>
    Template = 5,
}

[StructLayout(LayoutKind.Sequential, Size = 128)]
public unsafe struct ProcessRow
{
    public uint Id;
    public uint Incarnation;
    public ProcessState State;
    public DeathCause Cause;
    public Priority Priority;
    public byte LayerValue;
    public uint MemoryPages;
    public uint MemoryQuotaPages;
    public ushort Handles;
    public ushort HandleQuota;
    public ushort Threads;
    public ushort ThreadQuota;
    /// <summary>Index of its vault among vaults, plus one; 0 without.</summary>
    public uint VaultNumber;
    public ulong CpuNs;
    public ulong StartedNs;
    public fixed byte Name[ProcessSpec.MaxNameBytes];
    /// <summary>How often it came back to Receive on an endpoint; wraps round.</summary>
    public uint EndpointReceives;
    /// <summary>Threads that wait for the processor.</summary>
    public ushort ReadyThreads;
    /// <summary>Index of its image in the boot archive, plus one; 0 when unknown.</summary>
    public ushort ImageNumber;
    /// <summary>When it answered its first call, or zero.</summary>
    public ulong FirstReplyNs;
    /// <summary>Index of what its death will signal, plus one; 0 for none.</summary>
    public uint DeathNotificationNumber;
}

[StructLayout(LayoutKind.Sequential, Size = 48)]
public struct CapabilityRow
{
    public ulong HandleValue;
    public ObjectType Type;
    public byte InVault;
    public Rights Rights;
    /// <summary>Index of the object among its kind; for a Process or Thread, its id.</summary>
    public uint ObjectIndex;
    public ulong Badge;
    /// <summary>Handle of the parent capability, whoever owns it; zero for a root.</summary>
    public ulong ParentHandle;
    /// <summary>Owner of the parent capability, or zero.</summary>
    public uint ParentProcess;
    public uint Depth;
}

/// <summary>An endpoint, whoever holds it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 72)]
public unsafe struct EndpointRow
{
    public uint Index;
    /// <summary>Process that received last, also when it has died; zero before the first.</summary>
    public uint LastServer;
    public byte LayerValue;
    public OnDeath OnDeath;
    public ulong DefaultDeadlineNs;
    /// <summary>Name of LastServer, zero padded.</summary>
    public fixed byte Name[ProcessSpec.MaxNameBytes];
}

/// <summary>A vault, whoever holds it. Ids are zero where there is nobody.</summary>
[StructLayout(LayoutKind.Sequential, Size = 72)]
public unsafe struct VaultRow
{
    public uint Index;
    public uint Owner;
    /// <summary>Process that had it last, also when it has died.</summary>
    public uint LastOwner;
    /// <summary>1 while a probe is open.</summary>
    public byte IsProbed;
    public ulong LengthBytes;
    /// <summary>Name of LastOwner, zero padded.</summary>
    public fixed byte Name[ProcessSpec.MaxNameBytes];
}

public enum WaitState : byte { Queued = 0, Delivered = 1, Parked = 2 }

/// <summary>One call in flight.</summary>
[StructLayout(LayoutKind.Sequential, Size = 72)]
public struct WaitRow
{
    public uint CallerProcess;
    public uint CallerThread;
    /// <summary>Process that last received on the endpoint, or zero.</summary>
    public uint ServerProcess;
    public uint EndpointIndex;
    public ulong RequestId;
    public ulong Badge;
    public ulong SinceNs;
    /// <summary>Absolute; zero when it may wait for ever.</summary>
    public ulong DeadlineNs;
    public ushort Operation;
    public ushort Attempt;
    public WaitState State;
    public byte ServerAlive;
    /// <summary>1 when the server's thread that has this request itself waits in a call.</summary>
    public byte ServerWaits;
    public byte Flags;
    /// <summary>Time at which the present incarnation received it, or zero.</summary>
    public ulong DeliveredNs;
    /// <summary>Calls that the present incarnation has made for it.</summary>
    public uint NestedCalls;
    public uint Reserved;
}

/// <summary>What the machine has and uses. The leak tests compare two of these.</summary>
[StructLayout(LayoutKind.Sequential, Size = 192)]
public struct KernelCounters
{
    public ulong UptimeNs;
    public ulong TotalFrames;
    public ulong FreeFrames;
    /// <summary>Without templates, which come and go as a cache does; see Templates.</summary>
    public ulong Processes;
    /// <summary>Without those of templates.</summary>
    public ulong Threads;
    public ulong Capabilities;
    public ulong Endpoints;
    public ulong Notifications;
    public ulong MemoryObjects;
    public ulong Vaults;
    public ulong Replies;
    public ulong ReclaimPending;
    public ulong SystemCalls;
    public ulong Interrupts;
    public ulong PageFaults;
    public ulong ContextSwitches;
    /// <summary>Garbage collections of the kernel since the end of its boot.</summary>
    public ulong KernelCollections;
    /// <summary>Allocated by the kernel so far; it stays as it was when the boot ended.</summary>
    public ulong KernelHeapBytes;
    public ulong Deaths;
    public ulong Redeliveries;
    public ulong IdleNs;
    public ulong TscHz;
    /// <summary>Templates that live: each is one handle of the supervisor's, too.</summary>
    public ulong Templates;
}

[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct ImageRow
{
    public ulong LengthBytes;
    public fixed byte Name[56];
}

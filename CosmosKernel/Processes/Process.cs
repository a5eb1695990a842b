// A protection domain: address space, capability space, quotas, cause of death.
//
// Pooled: made at boot by ProcessTable. After death it is an exit record until collected.

using CosmosKernel.Capabilities;
using CosmosKernel.Ipc;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public sealed unsafe class Process(int index)
{
    public readonly int Index = index;
    public uint Generation = 1;
    public ProcessId Id;
    public bool IsUsed;
    public ProcessState State;
    public Priority Priority;
    public Layer Layer;
    public uint Incarnation;
    public readonly byte[] Name = new byte[ProcessSpec.MaxNameBytes];

    /// <summary>The name without its padding.</summary>
    public System.ReadOnlySpan<byte> NameText
    {
        get
        {
            int length = System.MemoryExtensions.IndexOf(Name, (byte)0);
            return new System.ReadOnlySpan<byte>(Name, 0, length < 0 ? Name.Length : length);
        }
    }

    public readonly AddressSpace AddressSpace = new();
    /// <summary>
    /// Owner number of its capabilities; the vault's are owned by the vault's number.
    /// </summary>
    public int Space => Index;
    /// <summary>Set by ProcessTable.AttachVault alone; -1 without a vault.</summary>
    public int VaultIndex = -1;
    /// <summary>Owner number of its vault's capabilities, or a number that nothing has.</summary>
    public int VaultSpace = NoSpace;
    public CapabilitySpace Handles = null!;
    public CapabilitySpace? VaultHandles;
    public const int NoSpace = -2;

    /// <summary>Endpoints on which it was the last to receive (EndpointServers).</summary>
    public Endpoint? FirstServed;
    /// <summary>It has received on an endpoint: its start is behind it.</summary>
    public bool HasServed;
    /// <summary>Receives on endpoints so far, modulo 2^32; for SupervisorWatch.</summary>
    public uint EndpointReceives;
    /// <summary>When it answered its first call, or 0.</summary>
    public ulong FirstReplyNs;

    /// <summary>It has bound an interrupt line.</summary>
    public bool HasInterrupts;

    /// <summary>Index in the boot archive; -1 before it is loaded.</summary>
    public int ImageIndex = -1;

    public Thread? FirstThread;
    public Thread? MainThread;
    public ushort ThreadCount, ThreadQuota;
    public ushort HandleQuota;
    /// <summary>Handles of its own and of its vault.</summary>
    public int HandleCount => Handles.Count + (VaultHandles is { } vault ? vault.Count : 0);
    /// <summary>Badges that it has minted, and of which a Closed is owed (BadgeTable).</summary>
    public int OwedBadges;
    /// <summary>Objects that it has made and that are there still, by ObjectType.</summary>
    public readonly int[] ObjectsMade = ObjectQuota.NewCounts();
    /// <summary>Frames charged to it: page tables, private pages, its vault's pages.</summary>
    public uint MemoryPages, MemoryQuotaPages;
    /// <summary>What its threads have run, also those that are gone.</summary>
    public ulong CpuNs
    {
        get
        {
            ulong sum = EndedThreadsNs;
            for (Thread? thread = FirstThread; thread is not null; thread = thread.NextInProcess)
                sum += thread.CpuNs;
            return sum;
        }
    }

    /// <summary>Of threads whose records were freed (ThreadTable).</summary>
    public ulong EndedThreadsNs;
    public ulong StartedNs;

    /// <summary>Process that made it and may collect it; -1 when that is dead.</summary>
    public int MakerIndex = -1;
    public Notification? DeathNotification;
    public ulong DeathBits;
    public DeathRecord Death;
    /// <summary>Dead: nothing of it is left but the exit record.</summary>
    public bool IsReclaimed;
    /// <summary>
    /// Dead: its exit record was collected, and the record is free once reclaimed.
    /// </summary>
    public bool IsCollected;
    /// <summary>Dead, and not all calls in its hands are back yet (Endings).</summary>
    public bool IsEnding;
    public Process? NextEnding;
    /// <summary>Dead: next one to reclaim (Reclaimer).</summary>
    public Process? NextReclaim;
    /// <summary>Calls of it that were answered Poisoned.</summary>
    public uint Poisonings;
    /// <summary>
    /// Reply handles whose callers have gone while this process had them, so that it hears
    /// CallerGone and not BadHandle. A ring: the oldest is forgotten.
    /// </summary>
    public readonly ulong[] GoneReplies = new ulong[32];
    public int NextGoneReply;
    public readonly byte[] LastWords = new byte[Limits.LastWordsBytes];
    /// <summary>What it said of its own death (LastWords), before it dies; None: nothing.</summary>
    public DeathCause AnnouncedCause;
    public bool HasLastWords;
    /// <summary>It is about to commit an injected fault: its death blames no request.</summary>
    public bool BlamesNobody;
    /// <summary>
    /// First hardware fault that the runtime has not survived; kept as the cause.
    /// </summary>
    public DeathCause FirstFault;
    public ulong FirstFaultAddress;

    public ProcessKind Kind;
    /// <summary>
    /// What it was copied from, whose frames it shows, until its memory is reclaimed (Snapshot).
    /// </summary>
    public Process? Template;
    /// <summary>Template: processes that show its frames; its memory stays as long.</summary>
    public int Copies;
    /// <summary>Template: dead, and off the reclaimer's list until the last copy goes.</summary>
    public bool AwaitsCopies;
    /// <summary>Template: how many there have been, to the greatest number.</summary>
    public int CopiesMade;

    /// <summary>Linux personality of this process: signal handlers, brk, mmap cursor.</summary>
    public readonly Arch.X64.Linux.LinuxProcess Linux = new();

    public bool IsAlive => IsUsed && State != ProcessState.Zombie;

    /// <summary>Nothing of it is in anybody's hands, and whoever waits for that was told.</summary>
    public bool HasEnded => !IsAlive && !IsEnding;

    /// <summary>Makes a free record a new process.</summary>
    public void Reset(ProcessId id, ulong nowNs, Process? maker)
    {
        Id = id;
        IsUsed = true;
        State = ProcessState.Created;
        Priority = Priority.Program;
        Layer = Layer.Program;
        Incarnation = 0;
        System.Array.Clear(Name);
        VaultIndex = -1;
        VaultSpace = NoSpace;
        VaultHandles = null;
        ImageIndex = -1;
        FirstServed = null;
        HasServed = false;
        HasInterrupts = false;
        EndpointReceives = 0;
        FirstReplyNs = 0;
        FirstThread = MainThread = null;
        ThreadCount = ThreadQuota = HandleQuota = 0;
        OwedBadges = 0;
        System.Array.Clear(ObjectsMade);
        MemoryPages = MemoryQuotaPages = 0;
        EndedThreadsNs = 0;
        StartedNs = nowNs;
        MakerIndex = maker is null ? -1 : maker.Index;
        DeathNotification = null;
        DeathBits = 0;
        Death = default;
        AnnouncedCause = FirstFault = DeathCause.None;
        FirstFaultAddress = 0;
        HasLastWords = BlamesNobody = false;
        IsReclaimed = IsCollected = false;
        Kind = ProcessKind.Ordinary;
        Template = null;
        Copies = CopiesMade = 0;
        AwaitsCopies = false;
        Poisonings = 0;
        System.Array.Clear(GoneReplies);
        Linux.Reset();
    }
}

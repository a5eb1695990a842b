// Layouts with which processes are made, and what is left of a dead one.

using System.Runtime.InteropServices;

namespace Shared.Abi;

/// <summary>Fixed priorities; a call lends the caller's to the callee.</summary>
public enum Priority : byte { Program = 0, Server = 1, Driver = 2 }

/// <summary>A process may call only endpoints of a lower layer than its own.</summary>
public readonly record struct Layer(byte Value)
{
    public static readonly Layer Supervisor = new(0);
    public static readonly Layer Bus = new(1);
    public static readonly Layer Driver = new(2);
    public static readonly Layer FileSystem = new(3);
    public static readonly Layer Vfs = new(4);
    public static readonly Layer Shell = new(5);
    public static readonly Layer Program = new(6);
}

/// <summary>
/// What callers get while an endpoint's server is dead. One that is replaced (DeathCause.Replaced)
/// does not count as dead: calls wait.
/// </summary>
public enum OnDeath : byte
{
    /// <summary>Calls wait for the next incarnation.</summary>
    Hold = 0,
    /// <summary>Calls answer PeerDied at once until the next incarnation receives.</summary>
    Fail = 1,
    /// <summary>The endpoint is gone, and every capability for it is Revoked.</summary>
    Vanish = 2,
}

/// <summary>Why a process ended. Numbers are frozen.</summary>
public enum DeathCause : byte
{
    None = 0,
    /// <summary>It exited by itself, with a code.</summary>
    Exit = 1,
    /// <summary>Somebody with the right killed it.</summary>
    Killed = 2,
    /// <summary>Its supervisor killed it because a request was overdue.</summary>
    Hung = 3,
    /// <summary>Its supervisor replaced it (restart or upgrade).</summary>
    Replaced = 4,
    NullReference = 5,
    PageFault = 6,
    DivideError = 7,
    InvalidInstruction = 8,
    GeneralProtection = 9,
    StackOverflow = 10,
    /// <summary>It touched memory beyond its quota, or the machine has none left.</summary>
    Memory = 11,
    /// <summary>It called the kernel with something that no correct program passes.</summary>
    MalformedCall = 12,
    /// <summary>The runtime aborted, as it does after an unhandled exception.</summary>
    Abort = 13,
    /// <summary>An exception reached the top of the task.</summary>
    UnhandledException = 14,
}

/// <summary>What a process is made for.</summary>
public enum ProcessKind : ushort
{
    /// <summary>To run.</summary>
    Ordinary = 0,
    /// <summary>
    /// To be copied: it runs until Snapshot, without a capability, and never again.
    /// </summary>
    Template = 1,
}

/// <summary>Argument of ProcessCreate.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
public unsafe struct ProcessSpec
{
    public const int MaxNameBytes = 48;

    /// <summary>
    /// A Memory capability with Execute whose bytes are a static x86-64 ELF; or a Process one, with
    /// Create, for a template of the same memory quota.
    /// </summary>
    public ulong Image;
    /// <summary>Vault that the process is to own, or zero.</summary>
    public ulong Vault;
    /// <summary>Notification to signal at its death, or zero.</summary>
    public ulong DeathNotification;
    public ulong DeathBits;
    public uint MemoryQuotaPages;
    public ushort HandleQuota;
    public ushort ThreadQuota;
    public Priority Priority;
    public byte LayerValue;
    public ProcessKind Kind;
    /// <summary>How often this task was started before; shown by <c>ps</c>.</summary>
    public uint Incarnation;
    /// <summary>UTF-8 name, zero padded; the rest of the name is free text.</summary>
    public fixed byte Name[MaxNameBytes];
}

/// <summary>What a process that gets a vault may do with it.</summary>
public enum VaultMode : ulong
{
    /// <summary>The vault is its own.</summary>
    Own = 0,
    /// <summary>
    /// It tries: the owner is stopped, and until VaultEndProbe all can be taken back.
    /// </summary>
    Probe = 1,
}

/// <summary>How a probe of a vault ends.</summary>
public enum ProbeEnd : ulong
{
    /// <summary>The vault is as it was; the prober is dead, the owner may continue.</summary>
    RollBack = 0,
    /// <summary>The vault is what the prober has made of it; the owner is dead.</summary>
    Commit = 1,
}

/// <summary>Whether ProcessCollect takes the exit record or leaves it.</summary>
public enum CollectMode : ulong
{
    Take = 0,
    /// <summary>For who must keep it somewhere safe before it is gone.</summary>
    Look = 1,
}

/// <summary>What ProcessCollect returns, and what the kernel keeps until then.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
public unsafe struct DeathRecord
{
    public const int MaxFrames = 20;

    public uint Process;
    public uint Thread;
    public DeathCause Cause;
    /// <summary>1 when the process had said that the fault is an injected one.</summary>
    public byte Injected;
    public ushort LastWordsBytes;
    public int ExitCode;
    public uint Incarnation;
    public uint RequestsRedelivered;
    public ulong FaultAddress;
    public ulong TimeNs;
    /// <summary>Operation that the faulting thread was answering, or zero.</summary>
    public ulong RequestId;
    public ulong StackPointer;
    public uint FrameCount;
    /// <summary>Requests in its hands that were answered Poisoned.</summary>
    public uint RequestsPoisoned;
    /// <summary>
    /// Return addresses of the faulting thread, innermost first (the first is its rip).
    /// </summary>
    public fixed ulong Frames[MaxFrames];
    /// <summary>When it had answered its first call, or zero.</summary>
    public ulong FirstReplyNs;
}

/// <summary>Bits that the supervisor signals on a task's control notification.</summary>
[System.Flags]
public enum ControlBits : ulong
{
    None = 0,
    CrashNull = 1 << 0,
    CrashDivide = 1 << 1,
    CrashThrow = 1 << 2,
    CrashStack = 1 << 3,
    CrashLoop = 1 << 4,
    CrashMemory = 1 << 5,
    CrashExit = 1 << 6,
    /// <summary>Take a request (the next, if none is named) and never answer it.</summary>
    Hang = 1 << 7,
    /// <summary>Something that this task caches has changed (for Vfs: the mounts).</summary>
    Changed = 1 << 8,
    /// <summary>Ctrl-C, for a shell.</summary>
    Interrupt = 1 << 9,
    /// <summary>
    /// Nobody has a capability for this task any more: bring to the disk what is not there yet,
    /// then exit (RetiredException).
    /// </summary>
    Retire = 1 << 10,
    // Bits 16..31 say when a fault is committed: Injection. From 32 on they are the task's own.
}

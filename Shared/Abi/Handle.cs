// Names of capabilities and of the things that they are for.

namespace Shared.Abi;

/// <summary>
/// A capability of this process: index in bits 0..31, generation in bits 32..63. Zero names
/// nothing. A stale handle is BadHandle, never another object.
/// </summary>
public readonly record struct Handle(ulong Value)
{
    public static readonly Handle None = default;
    public Handle(uint index, uint generation) : this(index | (ulong)generation << 32) { }
    public uint Index => (uint)Value;
    public uint Generation => (uint)(Value >> 32);
    public bool IsNone => Value == 0;
    public override string ToString() => $"{Index}.{Generation}";
}

/// <summary>Identity of a process, never reused while the machine is up.</summary>
public readonly record struct ProcessId(uint Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>Identity of a request. Redelivery does not change it.</summary>
public readonly record struct RequestId(ulong Value);

/// <summary>Chosen by the server; distinguishes the capabilities of one endpoint.</summary>
public readonly record struct Badge(ulong Value);

public enum ObjectType : byte
{
    None = 0,
    /// <summary>A slot whose authority was revoked and that its owner has not closed yet.</summary>
    Tombstone = 1,
    Process = 2,
    Thread = 3,
    Endpoint = 4,
    Reply = 5,
    Notification = 6,
    Memory = 7,
    Vault = 8,
    IoPorts = 9,
    Interrupt = 10,
    DeviceMemory = 11,
    Log = 12,
    Machine = 13,
}

/// <summary>What a capability allows. Meanings per object type are in docs/syscalls.md.</summary>
[System.Flags]
public enum Rights : ushort
{
    None = 0,
    Call = 1 << 0,
    Receive = 1 << 1,
    /// <summary>Make capabilities with a badge, and list badges.</summary>
    Mint = 1 << 2,
    /// <summary>Send along in a message, or copy.</summary>
    Pass = 1 << 3,
    Revoke = 1 << 4,
    Read = 1 << 5,
    /// <summary>
    /// For an endpoint: calls through it may ask for changes. The receiver is told of each call
    /// whether they may (MessageInfo.IsReadOnly), and nothing minted for one has more.
    /// </summary>
    Write = 1 << 6,
    Execute = 1 << 7,
    Signal = 1 << 8,
    Wait = 1 << 9,
    Kill = 1 << 10,
    /// <summary>Read what the kernel knows of all objects.</summary>
    Inspect = 1 << 11,
    /// <summary>Make processes, ports, interrupts and device memory.</summary>
    Create = 1 << 12,
    PowerOff = 1 << 13,
    /// <summary>All that a client may do with an endpoint.</summary>
    Use = Call | Pass | Write,
    All = (1 << 14) - 1,
}

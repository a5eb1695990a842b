// What the kernel's trace holds: a row for each event, the newest Limits.TraceRows of them.
//
// Kinds are frozen by a test: append only.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shared.Abi;

public enum TraceKind : byte
{
    None = 0,
    /// <summary>The thread has run from StartNs to TimeNs, or it was the last to do so.</summary>
    Ran = 1,
    /// <summary>The thread calls; Peer is the process that serves, or zero.</summary>
    Call = 2,
    /// <summary>The thread was given the call of Peer; Detail is the attempt.</summary>
    Deliver = 3,
    /// <summary>The thread has answered the call of Peer; Code is the answer's status.</summary>
    Reply = 4,
    /// <summary>The thread's call has ended without an answer; Code is its status.</summary>
    End = 5,
    /// <summary>The process has started.</summary>
    Start = 6,
    /// <summary>The process has died; Detail is the DeathCause.</summary>
    Death = 7,
    /// <summary>Sixteen bytes of the process's name; Detail counts from zero.</summary>
    Name = 8,
}

/// <summary>What SystemCall.Trace does.</summary>
public enum TraceSwitch : ulong
{
    Off = 0,
    /// <summary>From now on, with an empty trace.</summary>
    On = 1,
}

[StructLayout(LayoutKind.Sequential, Size = 32)]
public struct TraceRow
{
    public ulong TimeNs;
    public TraceKind Kind;
    public byte Detail;
    public ushort Code;
    public uint Process;
    /// <summary>Where each kind puts what else it has.</summary>
    public TraceRest Rest;
}

/// <summary>The last sixteen bytes of a row.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct TraceRest
{
    /// <summary>Ran.</summary>
    [FieldOffset(0)] public ulong StartNs;
    /// <summary>Call, Deliver, Reply, End.</summary>
    [FieldOffset(0)] public ulong RequestId;
    [FieldOffset(8)] public uint Thread;
    [FieldOffset(12)] public uint Peer;
    [FieldOffset(0)] public TraceText Text;
}

[InlineArray(Bytes)]
public struct TraceText
{
    public const int Bytes = 16;
    private byte _first;
}

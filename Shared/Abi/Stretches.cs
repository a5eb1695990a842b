// How long the kernel has kept the processor: rows of InspectKind.Stretches.
//
// Kinds are frozen by a test: append only.

using System.Runtime.InteropServices;

namespace Shared.Abi;

/// <summary>What the kernel was entered for.</summary>
public enum StretchKind : uint
{
    /// <summary>A system call, Linux's too; Number is its number.</summary>
    Call = 0,
    /// <summary>An exception of a thread; Number is its vector.</summary>
    Fault = 1,
    /// <summary>A device or the timer, while a thread ran.</summary>
    Interrupt = 2,
    /// <summary>The end of a halt, with what the kernel does while nothing can run.</summary>
    Idle = 3,
    /// <summary>A number that names nothing.</summary>
    Other = 4,
}

/// <summary>What SystemCall.Stretches does.</summary>
public enum StretchSwitch : ulong
{
    Off = 0,
    /// <summary>Empty, and counting from the next moment on in which nothing runs.</summary>
    On = 1,
}

/// <summary>
/// Stretches of one kind, from the entry to the return to ring 3 or to the halt, in ticks of the
/// time stamp counter.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public struct StretchRow
{
    public StretchKind Kind;
    public uint Number;
    public ulong Count;
    public ulong LongestTicks;
    public ulong TotalTicks;
}

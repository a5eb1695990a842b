// The one door from a task to the kernel, and the registers that go through it.
//
// NativeKernel is the door in the guest; tests and the simulation pass fakes. Nothing else in the
// SDK knows which one it has.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Sdk.Calls;
using Shared.Sdk.Native;

namespace Shared.Sdk;

/// <summary>The machine registers of one kernel call, in and out; docs/syscalls.md.</summary>
[StructLayout(LayoutKind.Sequential, Size = 96)]
public struct Registers(SystemCall number)
{
    /// <summary>rax: a SystemCall on the way in, a CallResult on the way out.</summary>
    public ulong Number = (ulong)number;
    public ulong A0, A1, A2, A3, A4;
    /// <summary>The six payload words of a message are A5 to A10.</summary>
    public ulong A5, A6, A7, A8, A9, A10;

    /// <summary>The payload words as one block, in place.</summary>
    [UnscopedRef]
    internal ref WordBlock Words => ref Unsafe.As<ulong, WordBlock>(ref A5);
}

/// <summary>Registers of a receive, and where handles and leases go.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageBlock
{
    public Registers Registers;
    public MessageExtras Extras;
}

/// <summary>What came back from a short call: good when its CallResult is Ok.</summary>
public readonly record struct ShortReply(MessageInfo Info, ulong Word);

/// <summary>A task's kernel. Implementations may block; they never throw for a Status.</summary>
public interface IKernel
{
    /// <summary>
    /// Makes the call in the registers and leaves its results there. Addresses in registers must
    /// be pinned until it returns (Native.Pinned does so).
    /// </summary>
    CallResult Invoke(ref Registers registers);

    /// <summary>
    /// SystemCall.Call without extras; the info has MessageFlags.Short, so one word goes each way.
    /// </summary>
    CallResult CallShort(
        Handle endpoint, MessageInfo info, CallOptions options, ulong word, out ShortReply reply)
    {
        Registers registers = new(SystemCall.Call)
        {
            A0 = endpoint.Value, A1 = info.Value, A2 = options.DeadlineNs,
            A4 = options.Serving.Value, A5 = word,
        };
        CallResult result = Invoke(ref registers);
        reply = new ShortReply(new MessageInfo(registers.A1), registers.A5);
        return result;
    }

    /// <summary>Nanoseconds since boot.</summary>
    ulong ClockNow()
    {
        Registers registers = new(SystemCall.ClockNow);
        return Invoke(ref registers).Status == Status.Ok ? registers.A0 : 0;
    }

    /// <summary>
    /// Where this code finds what is mapped at an address: elsewhere, if its memory is simulated.
    /// </summary>
    ulong PlaceOf(ulong address) => address;

    /// <summary>Invoke with the block's registers, its extras in A3.</summary>
    CallResult Receive(ref MessageBlock block) => Pinned.InvokeExtras(
        this, ref block.Registers, ref block.Registers.A3, ref block.Extras);
}

/// <summary>
/// DeadlineNs is absolute, in ClockNow's time; 0 leaves it to the endpoint, or to the call that is
/// served. Serving is the Reply handle of the request on whose behalf the call is made (see
/// Request.Serve): identity, deadline and priority of that request go along.
/// </summary>
public readonly record struct CallOptions(ulong DeadlineNs, Handle Serving);

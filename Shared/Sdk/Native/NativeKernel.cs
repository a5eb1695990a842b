// The kernel of a task in ring 3: P/Invokes into the stubs of SystemCall.S.
//
// This is the only class with P/Invokes in the SDK. They are ordinary transitions: a call may block
// for ever, and the process's collector must not wait for it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Shared.Abi;

[assembly: DisableRuntimeMarshalling]

namespace Shared.Sdk.Native;

/// <summary>Works only in a process of CosmosKernel; the host has no such symbol.</summary>
// Safety: see each P/Invoke.
public sealed unsafe class NativeKernel : IKernel
{
    private ulong _firstTick, _nsPerTick;

    public CallResult Invoke(ref Registers registers)
    {
        // Safety: the struct is pinned, and the stub reads and writes exactly its 96 bytes.
        fixed (Registers* pinned = &registers)
        {
            pinned->Number = SystemCall(pinned);
            return new CallResult(pinned->Number);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CallResult CallShort(
        Handle endpoint, MessageInfo info, CallOptions options, ulong word, out ShortReply reply)
    {
        // Safety: the stub writes the 16 bytes of a local, which does not move.
        Unsafe.SkipInit(out ShortReply answer);
        ulong result = ShortCall(
            endpoint.Value, info.Value, options.DeadlineNs, &answer, options.Serving.Value, word);
        reply = answer;
        return new CallResult(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CallResult Receive(ref MessageBlock block)
    {
        // Safety: registers and extras are pinned together; the kernel writes within the extras.
        fixed (MessageBlock* pinned = &block)
        {
            pinned->Registers.A3 = (ulong)&pinned->Extras;
            return new CallResult(SystemCall(&pinned->Registers));
        }
    }

    /// <summary>From the processor's counter, once the kernel has said how to read it.</summary>
    public ulong ClockNow()
    {
        if (_nsPerTick != 0) return ReadClock(_firstTick, _nsPerTick);
        Registers registers = new(Abi.SystemCall.ClockNow);
        Invoke(ref registers);
        _firstTick = registers.A1;
        // After the tick that it goes with: another thread may be here too.
        Volatile.Write(ref _nsPerTick, registers.A2);
        return registers.A0;
    }

    /// <summary>Ends the process now: no finally, no finalizer, no exit handler runs.</summary>
    internal static void ExitNow(int code) => Exit(code);

    // Image.props links "native" directly: no lookup at run time.
    // Safety: the stub keeps the C calling convention and only touches the given registers.
    [DllImport("native", EntryPoint = "cosmos_system_call", ExactSpelling = true)]
    private static extern ulong SystemCall(Registers* registers);

    // Safety: as above; passes words, and writes the reply only.
    [DllImport("native", EntryPoint = "cosmos_short_call", ExactSpelling = true)]
    private static extern ulong ShortCall(
        ulong endpoint, ulong info, ulong deadlineNs, ShortReply* reply, ulong serving, ulong word);

    // Safety: reads a register; so short that the collector may wait for it.
    [SuppressGCTransition]
    [DllImport("native", EntryPoint = "cosmos_read_clock", ExactSpelling = true)]
    private static extern ulong ReadClock(ulong firstTick, ulong nsPerTick);

    // Safety: takes an integer and does not return.
    [DllImport("native", EntryPoint = "_exit", ExactSpelling = true)]
    private static extern void Exit(int code);
}

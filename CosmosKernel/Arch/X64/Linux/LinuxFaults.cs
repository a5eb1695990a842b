// Exceptions of the processor in ring 3: a page that may be had, a signal to the runtime's handler,
// or the end of the process.
//
// Stack overflow and lack of memory never reach a handler: it would need both.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxFaults
{
    private const ulong DivideVector = 0, DebugVector = 1, BreakpointVector = 3;
    private const ulong InvalidOpcodeVector = 6, PageFaultVector = 14, FpuVector = 16;
    private const ulong AlignmentVector = 17, SimdVector = 19;
    private const ulong ErrorPresent = 1, ErrorUser = 4, ErrorWrite = 2, ErrorFetch = 16;
    /// <summary>An access below this is one through a null reference.</summary>
    private const ulong NullBytes = 64 * 1024;
    /// <summary>
    /// How far a stack pointer may be from the guard page that its thread has hit.
    /// </summary>
    private const ulong NearStackBytes = 128 * 1024;

    public static void Handle(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        switch (frame->Vector)
        {
            case PageFaultVector:
                HandlePageFault(kernel, thread);
                return;
            case DivideVector:
                Raise(kernel, thread, Signal.FloatingPoint, Signal.CodeIntegerDivide, frame->Rip,
                    DeathCause.DivideError, 0);
                return;
            case FpuVector or SimdVector:
                Raise(kernel, thread, Signal.FloatingPoint, 3, frame->Rip,
                    DeathCause.DivideError, 0);
                return;
            case InvalidOpcodeVector:
                Raise(kernel, thread, Signal.Illegal, Signal.CodeIllegalOperand, frame->Rip,
                    DeathCause.InvalidInstruction, frame->Rip);
                return;
            case DebugVector or BreakpointVector:
                Raise(kernel, thread, Signal.Trap, Signal.CodeKernel, frame->Rip,
                    DeathCause.InvalidInstruction, frame->Rip);
                return;
            case AlignmentVector:
                Raise(kernel, thread, Signal.Bus, Signal.CodeKernel, 0,
                    DeathCause.GeneralProtection, 0);
                return;
            default:
                Raise(kernel, thread, Signal.Segmentation, Signal.CodeKernel, 0,
                    DeathCause.GeneralProtection, 0);
                return;
        }
    }

    private static void HandlePageFault(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong address = frame->FaultAddress, error = frame->ErrorCode;
        Access access = (error & ErrorFetch) != 0 ? Access.Execute
            : (error & ErrorWrite) != 0 ? Access.Write : Access.Read;
        kernel.Counters.PageFaults++;
        if ((error & ErrorUser) == 0)
        {
            // The processor read for itself what ring 3 named, as the emulator's iret does. The
            // page may well be there: to try again would loop for ever.
            Raise(kernel, thread, Signal.Segmentation, Signal.CodeKernel, 0,
                DeathCause.GeneralProtection, address);
            return;
        }

        switch (kernel.PageFaults.Touch(thread.Process, address, access))
        {
            case TouchResult.Ok:
                return;
            case TouchResult.NoMemory:
                ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.Memory, address);
                return;
            case TouchResult.Guard:
                ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.StackOverflow, address);
                return;
        }

        if (IsThreadGuard(kernel, thread, address))
        {
            ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.StackOverflow, address);
            return;
        }

        int code = (error & ErrorPresent) != 0 ? Signal.CodeAccessError : Signal.CodeMapError;
        Raise(kernel, thread, Signal.Segmentation, code, address,
            address < NullBytes ? DeathCause.NullReference : DeathCause.PageFault, address);
    }

    /// <summary>
    /// glibc puts a page without rights below each thread's stack. It is the guard of the thread
    /// whose stack pointer is near.
    /// </summary>
    private static bool IsThreadGuard(Kernel kernel, Thread thread, ulong address)
    {
        ulong pointer = thread.Frame->Rsp;
        ulong distance = pointer > address ? pointer - address : address - pointer;
        if (distance > NearStackBytes) return false;
        AddressSpace space = thread.Process.AddressSpace;
        int position = space.Find(kernel.Regions, address);
        return position >= 0
            && space.At(kernel.Regions, position).Protection == Protection.None;
    }

    /// <summary>To the handler, if there is one that can run; otherwise the process dies.</summary>
    private static void Raise(
        Kernel kernel, Thread thread, int signal, int code, ulong infoAddress,
        DeathCause cause, ulong faultAddress)
    {
        LinuxProcess linux = thread.Process.Linux;
        bool isBlocked = (thread.Linux.BlockedSignals & Signal.BitOf(signal)) != 0;
        if (linux.SignalHandler[signal] > Signal.HandlerIgnore && !isBlocked
            && Signals.TryPush(kernel, thread, signal, code, infoAddress))
        {
            thread.Process.FirstFault = cause;
            thread.Process.FirstFaultAddress = faultAddress;
            return;
        }

        ProcessDeath.ThreadFaulted(kernel, thread, cause, faultAddress);
    }

    /// <summary>
    /// A signal that nobody handles. For abort() ProcessDeath names the hardware fault before it,
    /// if there was one: the runtime aborts when it cannot make an exception of a fault.
    /// </summary>
    public static void DieOfSignal(Kernel kernel, Thread thread, int signal)
    {
        DeathCause cause = signal switch
        {
            Signal.Segmentation or Signal.Bus => DeathCause.PageFault,
            Signal.FloatingPoint => DeathCause.DivideError,
            Signal.Illegal or Signal.Trap => DeathCause.InvalidInstruction,
            _ => DeathCause.Abort,
        };
        ProcessDeath.ThreadFaulted(kernel, thread, cause, 0);
    }
}

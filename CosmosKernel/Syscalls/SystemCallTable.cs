// From a number in rax to the code that answers it. One family of calls, one file.
//
// A family's Dispatch answers false for a number that it does not know; that is a malformed call.
// A handler that has finished sets the result with Answer; one that blocks the thread sets nothing.

using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class SystemCallTable
{
    public static void Dispatch(Kernel kernel, Thread thread)
    {
        if (kernel.IsTracing) kernel.Trace.Ran(thread);
        ulong number = thread.Frame->Rax;
        if (number < (ulong)SystemCall.First)
        {
            kernel.DispatchLinux(thread);
            return;
        }

        SystemCall call = (SystemCall)number;
        // The next in number after the two that do not come here at all.
        if (call is SystemCall.LeaseRead or SystemCall.LeaseWrite)
        {
            LeasePath.Move(kernel, thread, call);
            return;
        }

        bool isKnown = number > uint.MaxValue ? false : (number >> 4) switch
        {
            0x100 => IpcCalls.Dispatch(kernel, thread, call),
            0x101 => CapabilityCalls.Dispatch(kernel, thread, call),
            0x102 => ObjectCalls.Dispatch(kernel, thread, call),
            0x103 => MemoryCalls.Dispatch(kernel, thread, call),
            0x104 => ProcessCalls.Dispatch(kernel, thread, call),
            0x105 => DeviceCalls.Dispatch(kernel, thread, call),
            0x106 => MachineCalls.Dispatch(kernel, thread, call),
            _ => false,
        };
        if (!isKnown) Malformed(kernel, thread);
    }

    public static void Answer(Thread thread, Status status) =>
        thread.Frame->Rax = new CallResult(status).Value;

    public static void Answer(Thread thread, Status status, byte detail) =>
        thread.Frame->Rax = new CallResult(status, detail).Value;

    /// <summary>The call is one that no correct program makes: its process dies.</summary>
    public static void Malformed(Kernel kernel, Thread thread) =>
        ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.MalformedCall, 0);
}

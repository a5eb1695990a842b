// The kernel of a task in ring 3: one P/Invoke into cosmos_system_call (SystemCall.S).
//
// This is the only class with P/Invokes in the SDK. They are ordinary transitions: a call may block
// for ever, and the process's collector must not wait for it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;

[assembly: DisableRuntimeMarshalling]

namespace Shared.Sdk.Native;

/// <summary>Works only in a process of CosmosKernel; the host has no such symbol.</summary>
// Safety: see each P/Invoke.
public sealed unsafe class NativeKernel : IKernel
{
    public CallResult Invoke(ref Registers registers)
    {
        // Safety: the struct is pinned, and the stub reads and writes exactly its 96 bytes.
        fixed (Registers* pinned = &registers)
        {
            SystemCall(pinned);
        }
        return new CallResult(registers.Number);
    }

    /// <summary>Ends the process now: no finally, no finalizer, no exit handler runs.</summary>
    internal static void ExitNow(int code) => Exit(code);

    // Image.props links "native" directly: no lookup at run time.
    // Safety: the stub keeps the C calling convention and only touches the given registers.
    [DllImport("native", EntryPoint = "cosmos_system_call", ExactSpelling = true)]
    private static extern void SystemCall(Registers* registers);

    // Safety: takes an integer and does not return.
    [DllImport("native", EntryPoint = "_exit", ExactSpelling = true)]
    private static extern void Exit(int code);
}

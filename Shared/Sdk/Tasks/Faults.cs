// Faults that a task commits itself when its control notification says so (`crash`, `hang`).
//
// They are the real thing: the processor faults, the stack overflows, memory runs out. Nothing here
// is caught before the top of the task.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Abi;

namespace Shared.Sdk.Tasks;

public static class Faults
{
    /// <summary>Exit code of a task that is told to exit.</summary>
    public const int ExitCode = 3;

    private const int MemoryStepBytes = 1 << 20;

    private sealed class Victim(int value)
    {
        public readonly int Value = value;
    }

    /// <summary>
    /// Commits a fault that somebody has ordered; None does nothing. Whatever request is in hand
    /// has not done this, and is not blamed.
    /// </summary>
    public static void Inject(IKernel kernel, ControlBits fault)
    {
        if (fault == ControlBits.None) return;
        kernel.BlameNobody();
        Commit(kernel, fault);
    }

    /// <summary>Commits a fault of the task's own.</summary>
    public static void Commit(IKernel kernel, ControlBits fault)
    {
        if ((fault & ControlBits.CrashNull) != 0) Dereference(null!);
        if ((fault & ControlBits.CrashDivide) != 0) Divide(1, 0);
        if ((fault & ControlBits.CrashThrow) != 0)
        {
            throw new InvalidOperationException("a fault on purpose");
        }
        if ((fault & ControlBits.CrashStack) != 0) Recurse(1);
        if ((fault & ControlBits.CrashLoop) != 0) Loop();
        if ((fault & ControlBits.CrashMemory) != 0) ExhaustMemory();
        if ((fault & ControlBits.CrashExit) != 0) Environment.Exit(ExitCode);
        if ((fault & ControlBits.Hang) != 0) Hang(kernel);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Dereference(Victim victim) => victim.Value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int dividend, int divisor) => dividend / divisor;

    // The sum after the call keeps it from becoming a jump.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => depth == 0 ? 0 : Recurse(depth + 1) + depth;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop()
    {
        int turns = 0;
        while (true) Volatile.Write(ref turns, turns + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Hang(IKernel kernel)
    {
        while (true) kernel.ReceiveNotification();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ExhaustMemory()
    {
        List<byte[]> kept = [];
        while (true)
        {
            byte[] block = new byte[MemoryStepBytes];
            block.AsSpan().Fill(0xA5);
            kept.Add(block);
        }
    }
}

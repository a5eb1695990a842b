// What is kept of a dead process until it is collected: cause, faulting thread, its stack.

using CosmosKernel.Threads;
using Shared.Abi;
using System;

namespace CosmosKernel.Processes;

public static unsafe class DeathRecords
{
    /// <summary>Fills the record while the process's memory can still be read.</summary>
    public static void Fill(
        Kernel kernel, Process process, DeathCause cause, int exitCode, Thread? thread,
        ulong faultAddress)
    {
        ref DeathRecord record = ref process.Death;
        ushort lastWordsBytes = record.LastWordsBytes;
        record = default;
        record.LastWordsBytes = lastWordsBytes;
        record.Process = process.Id.Value;
        record.Cause = cause;
        record.Injected = (byte)(process.BlamesNobody ? 1 : 0);
        record.ExitCode = exitCode;
        record.Incarnation = process.Incarnation;
        record.FaultAddress = faultAddress;
        record.TimeNs = kernel.NowNs;
        record.FirstReplyNs = process.FirstReplyNs;
        if (thread is null) return;
        record.Thread = thread.Id;
        record.RequestId = thread.Handling is { } request ? request.Id.Value : 0;
        record.StackPointer = thread.Frame->Rsp;
        WalkStack(kernel, process, thread, ref record);
    }

    /// <summary>
    /// Follows the chain of frame pointers: each is saved below a return address.
    /// </summary>
    static void WalkStack(
        Kernel kernel, Process process, Thread thread, ref DeathRecord record)
    {
        ulong pointer = thread.Frame->Rbp;
        record.Frames[0] = thread.Frame->Rip;
        uint count = 1;
        Span<ulong> pair = stackalloc ulong[2];
        while (count < DeathRecord.MaxFrames && pointer != 0 && (pointer & 7) == 0
            && kernel.UserMemory.IsUserRange(pointer, 16)
            && kernel.UserMemory.TryRead(
                process, pointer, System.Runtime.InteropServices.MemoryMarshal.AsBytes(pair)))
        {
            if (pair[1] == 0) break;
            record.Frames[(int)count++] = pair[1];
            // Frames lie ever higher on the stack; anything else is no chain.
            if (pair[0] <= pointer) break;
            pointer = pair[0];
        }

        record.FrameCount = count;
    }
}

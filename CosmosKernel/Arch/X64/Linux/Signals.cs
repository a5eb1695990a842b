// Signals of one process to its own threads: hardware faults, and the collector's suspension.
//
// A signal is noted as pending and delivered just before the thread runs again, so a blocked
// thread keeps it. There are no signals between processes, and no queue: a pending one is a bit.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class Signals
{
    private const ulong HowBlock = 0, HowUnblock = 1, HowSet = 2;
    private const ulong MaskBytes = sizeof(ulong);

    public static long SetAction(Kernel kernel, Thread thread, UserFrame* frame)
    {
        LinuxProcess linux = thread.Process.Linux;
        ulong number = frame->A0;
        if (number is 0 or >= LinuxProcess.SignalCount || frame->A3 != MaskBytes)
        {
            return LinuxCalls.Fail(Errno.Invalid);
        }

        int signal = (int)number;
        ReadOnlySpan<ulong> old =
        [
            linux.SignalHandler[signal], linux.SignalFlags[signal],
            linux.SignalRestorer[signal], linux.SignalMask[signal],
        ];
        if (frame->A1 != 0)
        {
            Span<ulong> action = stackalloc ulong[4];
            if ((Signal.BitOf(signal) & Signal.Unblockable) != 0)
            {
                return LinuxCalls.Fail(Errno.Invalid);
            }

            if (!kernel.UserMemory.TryRead(thread.Process, frame->A1, Bytes.Of(action)))
            {
                return LinuxCalls.Fail(Errno.BadAddress);
            }

            linux.SignalHandler[signal] = action[0];
            linux.SignalFlags[signal] = action[1];
            linux.SignalRestorer[signal] = action[2];
            linux.SignalMask[signal] = action[3] & ~Signal.Unblockable;
        }

        if (frame->A2 == 0) return 0;
        return LinuxCalls.WriteOrFail(kernel, thread.Process, frame->A2, Bytes.Of(old), 0);
    }

    public static long SetMask(Kernel kernel, Thread thread, UserFrame* frame)
    {
        if (frame->A3 != MaskBytes) return LinuxCalls.Fail(Errno.Invalid);
        ulong old = thread.Linux.BlockedSignals;
        if (frame->A1 != 0)
        {
            Span<ulong> given = stackalloc ulong[1];
            if (!kernel.UserMemory.TryRead(thread.Process, frame->A1, Bytes.Of(given)))
            {
                return LinuxCalls.Fail(Errno.BadAddress);
            }

            ulong? mask = frame->A0 switch
            {
                HowBlock => old | given[0],
                HowUnblock => old & ~given[0],
                HowSet => given[0],
                _ => null,
            };
            if (mask is null) return LinuxCalls.Fail(Errno.Invalid);
            thread.Linux.BlockedSignals = mask.Value & ~Signal.Unblockable;
        }

        if (frame->A2 == 0) return 0;
        ReadOnlySpan<ulong> answer = [old];
        return LinuxCalls.WriteOrFail(kernel, thread.Process, frame->A2, Bytes.Of(answer), 0);
    }

    public static long SetStack(Kernel kernel, Thread thread, ulong newAddress, ulong oldAddress)
    {
        LinuxThread linux = thread.Linux;
        ReadOnlySpan<ulong> old =
        [
            linux.SignalStackFirst,
            linux.SignalStackBytes == 0 ? SignalFrame.StackDisabled : 0UL,
            linux.SignalStackBytes,
        ];
        if (newAddress != 0)
        {
            Span<ulong> given = stackalloc ulong[3];
            if (!kernel.UserMemory.TryRead(thread.Process, newAddress, Bytes.Of(given)))
            {
                return LinuxCalls.Fail(Errno.BadAddress);
            }

            bool isOff = ((int)given[1] & SignalFrame.StackDisabled) != 0;
            if (!isOff && !AddressMap.IsUser(given[0], given[2]))
            {
                return LinuxCalls.Fail(Errno.NoMemory);
            }

            linux.SignalStackFirst = isOff ? 0 : given[0];
            linux.SignalStackBytes = isOff ? 0 : given[2];
        }

        if (oldAddress == 0) return 0;
        return LinuxCalls.WriteOrFail(kernel, thread.Process, oldAddress, Bytes.Of(old), 0);
    }

    /// <summary>Only to a thread of the same process. abort() ends here, too.</summary>
    public static long? ThreadKill(Kernel kernel, Thread thread, UserFrame* frame)
    {
        ulong target = frame->A1, number = frame->A2;
        if (number is 0 or >= LinuxProcess.SignalCount) return LinuxCalls.Fail(Errno.Invalid);
        int signal = (int)number;
        if (frame->A0 != thread.Process.Id.Value) return LinuxCalls.Fail(Errno.NoSuchThread);
        Thread? found = thread.Process.FirstThread;
        while (found is not null && found.Id != target) found = found.NextInProcess;
        if (found is null || found.State is ThreadState.Free or ThreadState.Dead)
        {
            return LinuxCalls.Fail(Errno.NoSuchThread);
        }

        ulong handler = thread.Process.Linux.SignalHandler[signal];
        frame->Rax = 0;
        if (handler == Signal.HandlerIgnore
            || handler == Signal.HandlerDefault && Signal.IsIgnoredByDefault(signal))
        {
            return null;
        }

        if (handler == Signal.HandlerDefault && (found != thread
            || (thread.Linux.BlockedSignals & Signal.BitOf(signal)) == 0))
        {
            LinuxFaults.DieOfSignal(kernel, thread, signal);
            return null;
        }

        found.Linux.PendingSignals |= Signal.BitOf(signal);
        return null;
    }

    /// <summary>
    /// Just before the thread runs: gives it the first signal that it does not block.
    /// </summary>
    public static void DeliverPending(Kernel kernel, Thread thread)
    {
        ulong deliverable = thread.Linux.PendingSignals & ~thread.Linux.BlockedSignals;
        if (deliverable == 0) return;
        int signal = System.Numerics.BitOperations.TrailingZeroCount(deliverable) + 1;
        thread.Linux.PendingSignals &= ~Signal.BitOf(signal);
        ulong handler = thread.Process.Linux.SignalHandler[signal];
        if (handler == Signal.HandlerIgnore) return;
        if (handler == Signal.HandlerDefault
            || !TryPush(kernel, thread, signal, Signal.CodeThreadKill, thread.Process.Id.Value))
        {
            LinuxFaults.DieOfSignal(kernel, thread, signal);
        }
    }

    /// <summary>
    /// Saves the thread's registers on its stack, and makes it run the handler next. False when the
    /// stack cannot take it: nothing is changed then but bytes below the stack pointer.
    /// </summary>
    public static bool TryPush(
        Kernel kernel, Thread thread, int signal, int code, ulong infoAddress)
    {
        LinuxProcess process = thread.Process.Linux;
        UserFrame* frame = thread.Frame;
        ulong flags = process.SignalFlags[signal];
        ulong vectors = (StackFor(thread, flags) - (ulong)VectorImage.Bytes) & ~63UL;
        ulong address = ((vectors - SignalFrame.SizeBytes) & ~15UL) - 8;
        SignalFrame saved = default;
        saved.ReturnAddress = process.SignalRestorer[signal];
        saved.Flags = SignalFrame.ContextFlags;
        saved.StackFirst = thread.Linux.SignalStackFirst;
        saved.StackBytes = thread.Linux.SignalStackBytes;
        saved.StackFlags = saved.StackBytes == 0 ? SignalFrame.StackDisabled : 0;
        saved.Save(frame);
        saved.ErrorCode = frame->ErrorCode;
        saved.TrapNumber = frame->Vector;
        saved.FaultAddress = frame->FaultAddress;
        saved.VectorStateAddress = vectors;
        saved.OldMask = saved.Mask = thread.Linux.BlockedSignals;
        saved.SignalNumber = signal;
        saved.Code = code;
        saved.InfoAddress = infoAddress;
        if (!VectorImage.TryWrite(kernel, thread, vectors)
            || !kernel.UserMemory.TryWrite(thread.Process, address, MemoryMarshal.AsBytes(
                new ReadOnlySpan<SignalFrame>(in saved))))
        {
            return false;
        }

        frame->Rip = process.SignalHandler[signal];
        frame->Rsp = address;
        frame->Rdi = (ulong)signal;
        frame->Rsi = address + SignalFrame.InfoOffset;
        frame->Rdx = address + SignalFrame.ContextOffset;
        frame->Rax = 0;
        frame->Rflags = SignalFrame.FixedFlags;
        frame->HasVectorState = 0;
        frame->Mxcsr = DefaultMxcsr;
        frame->NeedsFullReturn = 1;
        thread.Linux.BlockedSignals |= process.SignalMask[signal];
        if ((flags & Signal.FlagNoDefer) == 0)
        {
            thread.Linux.BlockedSignals |= Signal.BitOf(signal);
        }

        if ((flags & Signal.FlagResetHandler) != 0) process.SignalHandler[signal] = 0;
        return AddressMap.IsUser(frame->Rip, 1);
    }

    public const uint DefaultMxcsr = 0x1F80;
    private const int RedZoneBytes = 128;

    private static ulong StackFor(Thread thread, ulong flags)
    {
        LinuxThread linux = thread.Linux;
        ulong pointer = thread.Frame->Rsp;
        bool isOnIt = pointer - linux.SignalStackFirst < linux.SignalStackBytes;
        return (flags & Signal.FlagOnStack) != 0 && linux.SignalStackBytes != 0 && !isOnIt
            ? linux.SignalStackFirst + linux.SignalStackBytes
            : pointer - RedZoneBytes;
    }

    /// <summary>
    /// rt_sigreturn: everything in the frame is ring 3's word, and nothing is believed.
    /// </summary>
    public static long? Return(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        SignalFrame saved = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<SignalFrame>(ref saved));
        // The handler's `ret` has taken the return address off.
        if (!kernel.UserMemory.TryRead(thread.Process, frame->Rsp - sizeof(ulong), bytes)
            || !AddressMap.IsUser(saved.Rip, 1))
        {
            LinuxFaults.DieOfSignal(kernel, thread, Signal.Segmentation);
            return null;
        }

        if (saved.VectorStateAddress != 0)
        {
            if (!VectorImage.TryRead(kernel, thread, saved.VectorStateAddress))
            {
                LinuxFaults.DieOfSignal(kernel, thread, Signal.Segmentation);
                return null;
            }
        }
        else
        {
            frame->HasVectorState = 0;
            frame->Mxcsr = DefaultMxcsr;
        }

        saved.Restore(frame);
        thread.Linux.BlockedSignals = saved.Mask & ~Signal.Unblockable;
        return null;
    }
}

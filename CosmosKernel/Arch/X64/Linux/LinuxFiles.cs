// The few files that the runtime and glibc insist on, and output that nobody has redirected.
//
// Descriptors 1 and 2 are lines of the kernel log: what a dying runtime prints ends up there.
// /dev/urandom seeds hash codes; /proc/self/maps tells glibc where the main stack lies.

using System;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

public static unsafe class LinuxFiles
{
    private const ulong RandomDescriptor = 60, MapsDescriptor = 61;
    private const int MaxOutputBytes = 1024, MaxVectors = 16, MaxPathBytes = 32;

    public static long Open(Kernel kernel, Thread thread, ulong pathAddress)
    {
        Span<byte> path = stackalloc byte[MaxPathBytes];
        int length = 0;
        for (; length < MaxPathBytes; length++)
        {
            Span<byte> next = path.Slice(length, 1);
            if (!kernel.UserMemory.TryRead(thread.Process, pathAddress + (ulong)length, next))
            {
                return LinuxCalls.Fail(Errno.BadAddress);
            }

            if (next[0] == 0) break;
        }

        path = path[..length];
        if (path.SequenceEqual("/dev/urandom"u8)) return (long)RandomDescriptor;
        if (!path.SequenceEqual("/proc/self/maps"u8)) return LinuxCalls.Fail(Errno.NoEntry);
        thread.Process.Linux.MapsOffset = 0;
        return (long)MapsDescriptor;
    }

    public static long Read(Kernel kernel, Thread thread, UserFrame* frame)
    {
        switch (frame->A0)
        {
            case 0: return 0;
            case RandomDescriptor: return ReadRandom(kernel, thread, frame->A1, frame->A2);
            case MapsDescriptor: return ReadMaps(kernel, thread, frame->A1, frame->A2);
            default: return LinuxCalls.Fail(Errno.BadDescriptor);
        }
    }

    private static long ReadRandom(Kernel kernel, Thread thread, ulong address, ulong lengthBytes)
    {
        Span<ulong> words = stackalloc ulong[32];
        int count = (int)Math.Min(lengthBytes, 256);
        for (int i = 0; i < (count + 7) / 8; i++) words[i] = kernel.Machine.Random();
        return LinuxCalls.WriteOrFail(
            kernel, thread.Process, address, Bytes.Of(words)[..count], count);
    }

    /// <summary>One line, for the main stack: all that pthread_getattr_np looks for.</summary>
    private static long ReadMaps(Kernel kernel, Thread thread, ulong address, ulong lengthBytes)
    {
        Span<byte> text = stackalloc byte[96];
        text.Clear();
        WriteHex(text, AddressMap.MainStackTop - ProcessLoader.StackBytes);
        text[12] = (byte)'-';
        WriteHex(text[13..], AddressMap.MainStackTop);
        ReadOnlySpan<byte> rest = " rw-p 00000000 00:00 0 [stack]\n"u8;
        rest.CopyTo(text[25..]);
        int offset = thread.Process.Linux.MapsOffset;
        ReadOnlySpan<byte> left = text[offset..(25 + rest.Length)];
        if ((ulong)left.Length > lengthBytes) left = left[..(int)lengthBytes];
        thread.Process.Linux.MapsOffset += left.Length;
        return LinuxCalls.WriteOrFail(kernel, thread.Process, address, left, left.Length);
    }

    private static void WriteHex(Span<byte> target, ulong value)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        for (int i = 11; i >= 0; i--, value >>= 4) target[i] = digits[(int)value & 15];
    }

    public static long Close(Process process, ulong descriptor)
    {
        if (descriptor == MapsDescriptor) process.Linux.MapsOffset = 0;
        return descriptor is <= 2 or RandomDescriptor or MapsDescriptor
            ? 0 : LinuxCalls.Fail(Errno.BadDescriptor);
    }

    public static long Write(Kernel kernel, Thread thread, UserFrame* frame) =>
        frame->A0 is 1 or 2
            ? WriteSpan(kernel, thread.Process, frame->A1, frame->A2)
            : LinuxCalls.Fail(Errno.BadDescriptor);

    public static long WriteVector(Kernel kernel, Thread thread, UserFrame* frame)
    {
        if (frame->A0 is not (1 or 2)) return LinuxCalls.Fail(Errno.BadDescriptor);
        if (frame->A2 > MaxVectors) return LinuxCalls.Fail(Errno.Invalid);
        Span<ulong> vector = stackalloc ulong[2];
        long written = 0;
        for (ulong i = 0; i < frame->A2; i++)
        {
            if (!kernel.UserMemory.TryRead(thread.Process, frame->A1 + i * 16, Bytes.Of(vector)))
            {
                return LinuxCalls.Fail(Errno.BadAddress);
            }

            if (vector[1] == 0) continue;
            long part = WriteSpan(kernel, thread.Process, vector[0], vector[1]);
            if (part < 0) return written > 0 ? written : part;
            written += part;
            if ((ulong)part < vector[1]) break;
        }

        return written;
    }

    /// <summary>At most so many bytes a call: the caller asks again for the rest.</summary>
    private static long WriteSpan(
        Kernel kernel, Process process, ulong address, ulong lengthBytes)
    {
        Span<byte> text = stackalloc byte[MaxOutputBytes];
        text = text[..(int)Math.Min(lengthBytes, MaxOutputBytes)];
        if (!kernel.UserMemory.TryRead(process, address, text))
        {
            return LinuxCalls.Fail(Errno.BadAddress);
        }

        kernel.WriteOutput(process, text);
        return text.Length;
    }

    /// <summary>There is nothing to poll: it is a sleep of so many milliseconds.</summary>
    public static long? Poll(Kernel kernel, Thread thread, UserFrame* frame)
    {
        if (frame->A1 != 0) return LinuxCalls.Fail(Errno.NotImplemented);
        if ((LinuxCall)frame->Rax == LinuxCall.Ppoll && frame->A2 != 0)
        {
            return LinuxTime.Sleep(kernel, thread, 1, false, frame->A2);
        }

        int waitMs = (LinuxCall)frame->Rax == LinuxCall.Ppoll ? -1 : (int)frame->A2;
        if (waitMs == 0) return 0;
        kernel.Scheduler.Block(thread, ThreadState.InSleep);
        if (waitMs > 0) kernel.SetDeadline(thread, kernel.NowNs + (ulong)waitMs * 1_000_000);
        return null;
    }
}

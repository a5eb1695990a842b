// Attacks on the way into and out of ring 0: flags, addresses, instructions, forged signal returns.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Shared.Sdk;

namespace Tests.Guest.Attack;

internal static unsafe class ProcessorCases
{
    private const ulong Fixed = 2, Trap = 1 << 8, Direction = 1 << 10, Overflow = 1 << 11;
    private const ulong IoPrivilege = 3 << 12, NestedTask = 1 << 14, Resume = 1 << 16;
    private const ulong AlignmentCheck = 1 << 18, Identification = 1 << 21;
    private const ulong NotCanonical = 0x8000_0000_0000, KernelImage = 0x4000_0000;
    private const ulong DirectMap = 0xFFFF_8000_0000_0000, Shim = 0xFFFF_FFFF_8010_1000;

    private const int FreshBytes = 1 << 20;

    private static readonly ulong[] BadAddresses =
    [
        0, 0xFFF, 0x1000, KernelImage - 1, KernelImage, KernelImage + 0x1000, NotCanonical - 1,
        NotCanonical, DirectMap - 1, DirectMap, DirectMap + 0x10_0000, Shim, ulong.MaxValue,
    ];

    public static IEnumerable<AttackCase> All()
    {
        foreach (ulong flags in new[]
            { Direction, AlignmentCheck, NestedTask, IoPrivilege, Overflow | 0xD5, Identification,
              Direction | AlignmentCheck | NestedTask | Resume })
        {
            yield return new($"flags-{flags:x}", Ending.Lives, _ => Flags(flags));
        }
        yield return new("flags-trap", Ending.Dies, _ => Flags(Trap));
        foreach (ulong address in BadAddresses)
        {
            yield return new($"read-{address:x}", Ending.Dies, _ => Read(address));
            yield return new($"write-{address:x}", Ending.Dies, _ => Write(address));
            yield return new($"jump-{address:x}", Ending.Dies,
                _ => Done(() => Native.Jump(address)));
            yield return new($"stack-{address:x}", Ending.Lives,
                _ => Done(() => Native.Stack(address)));
            yield return new($"push-{address:x}", Ending.Dies,
                _ => Done(() => Native.Push(address)));
        }
        for (int i = 0; i < Native.InstructionCount(); i++)
        {
            int index = i;
            yield return new($"instruction-{i}", Ending.Dies,
                _ => Done(() => Native.Instruction(index)));
        }
        // The emulator faults for neither; a real processor does.
        yield return new("mxcsr-reserved", Ending.Either,
            _ => Done(() => Native.Mxcsr(0xFFFF_FFFF)));
        yield return new("mxcsr-unmasked", Ending.Either, _ => Done(() => Native.Mxcsr(0)));
        yield return new("mxcsr-modes", Ending.Lives,
            _ => Done(() => Native.Mxcsr(0xFFC0 | 0x1F80)));
        yield return new("x87-pending", Ending.Lives, _ => Done(Native.X87));
        yield return new("vectors-cleared", Ending.Lives, _ => Native.Vectors() == 0 ? 0 : 1);
        if (HasAvx())
        {
            yield return new("vectors-cleared-wide", Ending.Lives,
                _ => Native.WideVectors() == 0 ? 0 : 1);
            yield return new("vectors-kept-wide", Ending.Lives, _ => KeepVectors());
        }
        yield return new("segment-kernel", Ending.Dies, _ => Done(() => Native.Segment(0x10)));
        yield return new("segment-task", Ending.Dies, _ => Done(() => Native.Segment(0x28)));
        yield return new("segment-null", Ending.Lives, _ => Done(() => Native.Segment(0)));
        yield return new("iret-ring0", Ending.Dies,
            _ => Done(() => Native.InterruptReturn(8, Fixed)));
        yield return new("iret-flags", Ending.Either,
            _ => Done(() => Native.InterruptReturn(0x23, IoPrivilege | NestedTask | Fixed)));
        yield return new("loop", Ending.Loops, _ => Done(Native.Loop));
        foreach (AttackCase signal in SignalReturns()) yield return signal;
    }

    private static int Done(Action attack)
    {
        attack();
        return 0;
    }

    /// <summary>AVX, and a kernel that keeps it: Intel SDM volume 1, 14.3.</summary>
    private static bool HasAvx() => (X86Base.CpuId(1, 0).Ecx >> 27 & 3) == 3;

    private static int KeepVectors()
    {
        // Safety: so much is mapped anew, and the last page of it has not been touched.
        byte* memory = (byte*)NativeMemory.Alloc(FreshBytes);
        return Native.KeepVectors(memory + FreshBytes - 1);
    }

    /// <summary>The flags must not have kept the kernel from answering.</summary>
    private static int Flags(ulong flags) => (Native.Flags(flags | Fixed) & 0xFFFF) == 0 ? 0 : 1;

    private static int Read(ulong address)
    {
        // Safety: none; it is an attack.
        return System.Threading.Volatile.Read(ref *(byte*)address);
    }

    private static int Write(ulong address)
    {
        System.Threading.Volatile.Write(ref *(byte*)address, 1);
        return 0;
    }

    // Offsets in a Linux ucontext: registers, then the address of the vector state.
    private const int RspAt = 40 + 15 * 8, RipAt = 40 + 16 * 8, FlagsAt = 40 + 17 * 8;
    private const int SelectorsAt = 40 + 18 * 8, VectorsAt = 40 + 23 * 8, ContextBytes = 1024;
    private const int WideBytes = 832 + sizeof(uint);

    private static IEnumerable<AttackCase> SignalReturns()
    {
        yield return new("sigreturn-ones", Ending.Dies,
            _ => Signal(context => Fill(context, 0xFF)));
        yield return new("sigreturn-zeros", Ending.Dies, _ => Signal(context => Fill(context, 0)));
        foreach (ulong address in BadAddresses)
        {
            yield return new($"sigreturn-rip-{address:x}", Ending.Dies,
                _ => Signal(context => Set(context, RipAt, address)));
            yield return new($"sigreturn-rsp-{address:x}", Ending.Lives,
                _ => Signal(context => Set(context, RspAt, address)));
            yield return new($"sigreturn-fx-{address:x}", Ending.Either,
                _ => Signal(context => Set(context, VectorsAt, address)));
        }
        yield return new("sigreturn-flags", Ending.Either,
            _ => Signal(context => Set(context, FlagsAt, ulong.MaxValue)));
        yield return new("sigreturn-iopl", Ending.Lives, _ => Signal(
            context => Set(context, FlagsAt,
                IoPrivilege | NestedTask | AlignmentCheck | Direction)));
        yield return new("sigreturn-selectors", Ending.Either,
            _ => Signal(context => Set(context, SelectorsAt, 0x0010_0000_0000_0008)));
        yield return new("sigreturn-mxcsr", Ending.Lives, _ => Signal(GarbageVectors));
        yield return new("sigreturn-wide", Ending.Lives, _ => Signal(GarbageWideVectors));
        for (int i = 0; i < 8; i++)
        {
            var random = new Random(i);
            yield return new($"sigreturn-random-{i}", Ending.Either,
                _ => Signal(context => Randomise(context, random)));
        }
    }

    /// <summary>A context that would exit with 0, spoilt in one point.</summary>
    private static int Signal(Action<nint> spoil)
    {
        // Safety: the block is never freed; the process does not come back from here.
        byte* context = (byte*)NativeMemory.AlignedAlloc(2 * ContextBytes, 64);
        Fill((nint)context, 0);
        Set((nint)context, RipAt, Native.ExitAddress());
        Set((nint)context, RspAt, (ulong)context + ContextBytes);
        Set((nint)context, FlagsAt, Fixed);
        spoil((nint)context);
        Native.ReturnFromSignal(context);
        return 1;
    }

    private static void GarbageVectors(nint context)
    {
        byte* vectors = (byte*)context + ContextBytes;
        new Span<byte>(vectors, 512).Fill(0xFF);
        Set(context, VectorsAt, (ulong)vectors);
        Set(context, RspAt, (ulong)context);
    }

    /// <summary>With both marks that say that AVX follows; its header is what XRSTOR checks.
    /// </summary>
    private static void GarbageWideVectors(nint context)
    {
        GarbageVectors(context);
        byte* vectors = (byte*)context + ContextBytes;
        new Span<byte>(vectors, WideBytes).Fill(0xFF);
        *(ulong*)(vectors + 464) = (ulong)WideBytes << 32 | 0x4650_5853;
        *(uint*)(vectors + WideBytes - sizeof(uint)) = 0x4650_5845;
    }

    private static void Fill(nint context, byte value) =>
        new Span<byte>((void*)context, ContextBytes).Fill(value);

    private static void Randomise(nint context, Random random) =>
        random.NextBytes(new Span<byte>((void*)context, ContextBytes));

    private static void Set(nint context, int offset, ulong value) =>
        *(ulong*)(context + offset) = value;
}

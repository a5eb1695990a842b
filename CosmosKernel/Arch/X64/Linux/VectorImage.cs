// The vector registers in a signal frame, as Linux lays them out: an XSAVE image with a mark in its
// software bytes that says so, and one behind it.
//
// Linux, arch/x86/include/uapi/asm/sigcontext.h; Intel SDM volume 1, 13.4 and 13.8 (XRSTOR).
// Rules: what comes back is ring 3's word. XRSTOR faults at bits that the processor does not know,
// and a fault there is ring 0's; so none of them gets into a frame.

using System;
using System.Runtime.Intrinsics.X86;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Arch.X64.Linux;

internal static unsafe class VectorImage
{
    /// <summary>With the mark behind it.</summary>
    public const int Bytes = StateBytes + sizeof(uint);

    private const int StateBytes = UserFrame.VectorStateBytes;
    private const int MxcsrAt = 24, MxcsrMaskAt = 28, SoftwareAt = 464;
    /// <summary>Where x87 and SSE end: the header begins; its first word says what is there.
    /// </summary>
    private const int HeaderAt = 512, AvxAt = 576;
    private const uint FirstMark = 0x4650_5853, SecondMark = 0x4650_5845;
    private const ushort DefaultControl = 0x037F;
    private const ulong X87AndSse = 3;
    /// <summary>All bits that x86-64-v2 processors know.</summary>
    private const uint MxcsrMask = 0xFFFF;

    /// <summary>Parts that the shim has enabled: Boot/Processor.h has the same sum.</summary>
    private static ulong Parts => (uint)X86Base.CpuId(0xD, 0).Eax & 7;

    /// <summary>False when the memory is not there.</summary>
    public static bool TryWrite(Kernel kernel, Thread thread, ulong address)
    {
        UserFrame* frame = thread.Frame;
        Span<byte> image = stackalloc byte[Bytes];
        image.Clear();
        if (frame->HasVectorState != 0)
        {
            // Safety: VectorState is so many bytes of the thread's own frame.
            new ReadOnlySpan<byte>(frame->VectorState, StateBytes).CopyTo(image);
        }
        else
        {
            BitConverter.TryWriteBytes(image, DefaultControl);
            BitConverter.TryWriteBytes(image[MxcsrAt..], frame->Mxcsr);
            BitConverter.TryWriteBytes(image[MxcsrMaskAt..], MxcsrMask);
        }

        Span<byte> software = image[SoftwareAt..HeaderAt];
        software.Clear();
        BitConverter.TryWriteBytes(software, FirstMark);
        BitConverter.TryWriteBytes(software[4..], (uint)Bytes);
        BitConverter.TryWriteBytes(software[8..], Parts);
        BitConverter.TryWriteBytes(software[16..], (uint)StateBytes);
        BitConverter.TryWriteBytes(image[StateBytes..], SecondMark);
        return kernel.UserMemory.TryWrite(thread.Process, address, image);
    }

    /// <summary>
    /// Into the thread's frame; without both marks only x87 and SSE. False when the memory is not
    /// there, and the frame is spoiled then.
    /// </summary>
    public static bool TryRead(Kernel kernel, Thread thread, ulong address)
    {
        UserFrame* frame = thread.Frame;
        Span<byte> image = stackalloc byte[Bytes];
        image.Clear();
        if (!kernel.UserMemory.TryRead(thread.Process, address, image[..HeaderAt])) return false;
        bool isMarked = BitConverter.ToUInt32(image[SoftwareAt..]) == FirstMark
            && BitConverter.ToUInt32(image[(SoftwareAt + 4)..]) == Bytes;
        if (isMarked)
        {
            Span<byte> rest = image[HeaderAt..];
            if (!kernel.UserMemory.TryRead(thread.Process, address + HeaderAt, rest)) return false;
            isMarked = BitConverter.ToUInt32(image[StateBytes..]) == SecondMark;
        }
        ulong parts = isMarked ? BitConverter.ToUInt64(image[HeaderAt..]) : X87AndSse;
        image[HeaderAt..AvxAt].Clear();
        BitConverter.TryWriteBytes(image[HeaderAt..], parts & Parts);
        uint mxcsr = BitConverter.ToUInt32(image[MxcsrAt..]) & MxcsrMask;
        BitConverter.TryWriteBytes(image[MxcsrAt..], mxcsr);
        // Safety: as TryWrite.
        image[..StateBytes].CopyTo(new Span<byte>(frame->VectorState, StateBytes));
        frame->Mxcsr = mxcsr;
        frame->HasVectorState = 1;
        return true;
    }
}

// Registers of a user thread while it is not running, as the trap assembly stores them.
//
// Arch/X64/Trap.S has the same offsets; a unit test compares the two.

using System.Runtime.InteropServices;

namespace CosmosKernel.Arch;

/// <summary>
/// One thread's user registers. Lives at a fixed address outside the garbage collector's heap,
/// 64-byte aligned. Everything in it comes from ring 3: never trust it, sanitise what is restored.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 1088)]
public unsafe struct UserFrame
{
    [FieldOffset(0)] public ulong Rax;
    [FieldOffset(8)] public ulong Rbx;
    [FieldOffset(16)] public ulong Rcx;
    [FieldOffset(24)] public ulong Rdx;
    [FieldOffset(32)] public ulong Rsi;
    [FieldOffset(40)] public ulong Rdi;
    [FieldOffset(48)] public ulong Rbp;
    [FieldOffset(56)] public ulong R8;
    [FieldOffset(64)] public ulong R9;
    [FieldOffset(72)] public ulong R10;
    [FieldOffset(80)] public ulong R11;
    [FieldOffset(88)] public ulong R12;
    [FieldOffset(96)] public ulong R13;
    [FieldOffset(104)] public ulong R14;
    [FieldOffset(112)] public ulong R15;
    [FieldOffset(120)] public ulong Rip;
    [FieldOffset(128)] public ulong Rsp;
    [FieldOffset(136)] public ulong Rflags;
    [FieldOffset(144)] public ulong FsBase;
    /// <summary>Physical address of the page table root to run with.</summary>
    [FieldOffset(152)] public ulong Cr3;
    /// <summary>Vector of the trap, or <see cref="Trap"/>'s value for system calls.</summary>
    [FieldOffset(160)] public ulong Vector;
    [FieldOffset(168)] public ulong ErrorCode;
    [FieldOffset(176)] public ulong FaultAddress;
    [FieldOffset(184)] public uint Mxcsr;
    /// <summary>
    /// 1: VectorState is complete and is to be restored. 0: clear the vector registers.
    /// </summary>
    [FieldOffset(192)] public uint HasVectorState;
    /// <summary>
    /// 1: leave by iretq with all registers, as with HasVectorState. 0: sysret is enough (rcx and
    /// r11 are lost).
    /// </summary>
    [FieldOffset(196)] public uint NeedsFullReturn;
    /// <summary>
    /// XSAVE image of x87, SSE and AVX; Intel SDM volume 1, section 13.4. 64-byte aligned.
    /// </summary>
    [FieldOffset(256)] public fixed byte VectorState[VectorStateBytes];

    /// <summary>Registers of x87 and SSE 512, header 64, upper halves of AVX 256.</summary>
    public const int VectorStateBytes = 832;

    // System call arguments by position (docs/syscalls.md).
    [FieldOffset(40)] public ulong A0;
    [FieldOffset(32)] public ulong A1;
    [FieldOffset(24)] public ulong A2;
    [FieldOffset(72)] public ulong A3;
    [FieldOffset(56)] public ulong A4;
    [FieldOffset(64)] public ulong A5;
    [FieldOffset(8)] public ulong A6;
    [FieldOffset(88)] public ulong A7;
    [FieldOffset(96)] public ulong A8;
    [FieldOffset(104)] public ulong A9;
    [FieldOffset(112)] public ulong A10;
}

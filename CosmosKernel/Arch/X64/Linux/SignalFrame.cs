// The frame that a signal handler of Linux for x86-64 finds on its stack.
//
// Layout: arch/x86/include/asm/sigframe.h (rt_sigframe) and uapi/asm/sigcontext.h. Vector state is
// the legacy FXSAVE image, as on a machine without XSAVE.

using System.Runtime.InteropServices;

namespace CosmosKernel.Arch.X64.Linux;

[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public unsafe struct SignalFrame
{
    public const int SizeBytes = 440;
    public const int ContextOffset = 8, InfoOffset = 312;
    /// <summary>UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS.</summary>
    public const ulong ContextFlags = 6;
    public const int StackDisabled = 2, StackInUse = 1;

    [FieldOffset(0)] public ulong ReturnAddress;

    // ucontext
    [FieldOffset(8)] public ulong Flags;
    [FieldOffset(16)] public ulong Link;
    [FieldOffset(24)] public ulong StackFirst;
    [FieldOffset(32)] public int StackFlags;
    [FieldOffset(40)] public ulong StackBytes;

    // sigcontext
    [FieldOffset(48)] public ulong R8;
    [FieldOffset(56)] public ulong R9;
    [FieldOffset(64)] public ulong R10;
    [FieldOffset(72)] public ulong R11;
    [FieldOffset(80)] public ulong R12;
    [FieldOffset(88)] public ulong R13;
    [FieldOffset(96)] public ulong R14;
    [FieldOffset(104)] public ulong R15;
    [FieldOffset(112)] public ulong Rdi;
    [FieldOffset(120)] public ulong Rsi;
    [FieldOffset(128)] public ulong Rbp;
    [FieldOffset(136)] public ulong Rbx;
    [FieldOffset(144)] public ulong Rdx;
    [FieldOffset(152)] public ulong Rax;
    [FieldOffset(160)] public ulong Rcx;
    [FieldOffset(168)] public ulong Rsp;
    [FieldOffset(176)] public ulong Rip;
    [FieldOffset(184)] public ulong Rflags;
    [FieldOffset(192)] public ushort Cs;
    [FieldOffset(194)] public ushort Gs;
    [FieldOffset(196)] public ushort Fs;
    [FieldOffset(198)] public ushort Ss;
    [FieldOffset(200)] public ulong ErrorCode;
    [FieldOffset(208)] public ulong TrapNumber;
    [FieldOffset(216)] public ulong OldMask;
    [FieldOffset(224)] public ulong FaultAddress;
    [FieldOffset(232)] public ulong VectorStateAddress;
    [FieldOffset(304)] public ulong Mask;

    // siginfo
    [FieldOffset(312)] public int SignalNumber;
    [FieldOffset(316)] public int ErrorNumber;
    [FieldOffset(320)] public int Code;
    /// <summary>Address of a fault; for tgkill the sender's process id.</summary>
    [FieldOffset(328)] public ulong InfoAddress;

    /// <summary>Takes the registers of a thread.</summary>
    public void Save(UserFrame* frame)
    {
        // Safety: the frame is the thread's, at a fixed address.
        R8 = frame->R8;
        R9 = frame->R9;
        R10 = frame->R10;
        R11 = frame->R11;
        R12 = frame->R12;
        R13 = frame->R13;
        R14 = frame->R14;
        R15 = frame->R15;
        Rdi = frame->Rdi;
        Rsi = frame->Rsi;
        Rbp = frame->Rbp;
        Rbx = frame->Rbx;
        Rdx = frame->Rdx;
        Rax = frame->Rax;
        Rcx = frame->Rcx;
        Rsp = frame->Rsp;
        Rip = frame->Rip;
        Rflags = frame->Rflags;
        Cs = 0x33;
        Ss = 0x2B;
    }

    /// <summary>
    /// Gives the registers back. All of them may be anything: what the processor would refuse, or
    /// would let ring 3 change, is replaced. Selectors and FS base are not taken from here.
    /// </summary>
    public readonly void Restore(UserFrame* frame)
    {
        // Safety: as Save.
        frame->R8 = R8;
        frame->R9 = R9;
        frame->R10 = R10;
        frame->R11 = R11;
        frame->R12 = R12;
        frame->R13 = R13;
        frame->R14 = R14;
        frame->R15 = R15;
        frame->Rdi = Rdi;
        frame->Rsi = Rsi;
        frame->Rbp = Rbp;
        frame->Rbx = Rbx;
        frame->Rdx = Rdx;
        frame->Rax = Rax;
        frame->Rcx = Rcx;
        frame->Rsp = Rsp;
        frame->Rip = Rip;
        frame->Rflags = Rflags & UserFlags | FixedFlags;
        frame->NeedsFullReturn = 1;
    }

    /// <summary>
    /// CF PF AF ZF SF DF OF and ID: what ring 3 may choose. Not TF, NT, AC, IOPL.
    /// </summary>
    public const ulong UserFlags = 0x20_0CD5;
    /// <summary>Always set: bit 1, and interrupts.</summary>
    public const ulong FixedFlags = 0x202;
}

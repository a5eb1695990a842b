// The stubs of Native/Attack.S. All of them may end the process; that is what they are for.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Tests.Guest.Attack;

internal static unsafe partial class Native
{
    // Safety, for all: they keep the C calling convention where they return at all.
    [DllImport("native", EntryPoint = "attack_flags")]
    public static extern ulong Flags(ulong flags);

    [DllImport("native", EntryPoint = "attack_stack")]
    public static extern void Stack(ulong stackPointer);

    [DllImport("native", EntryPoint = "attack_push")]
    public static extern void Push(ulong stackPointer);

    [DllImport("native", EntryPoint = "attack_jump")]
    public static extern void Jump(ulong address);

    [DllImport("native", EntryPoint = "attack_sigreturn")]
    public static extern void ReturnFromSignal(byte* context);

    [DllImport("native", EntryPoint = "attack_exit_address")]
    public static extern ulong ExitAddress();

    [DllImport("native", EntryPoint = "attack_mxcsr")]
    public static extern void Mxcsr(uint value);

    [DllImport("native", EntryPoint = "attack_x87")]
    public static extern void X87();

    [DllImport("native", EntryPoint = "attack_vectors")]
    public static extern ulong Vectors();

    [DllImport("native", EntryPoint = "attack_wide_vectors")]
    public static extern ulong WideVectors();

    [DllImport("native", EntryPoint = "attack_keep_vectors")]
    public static extern int KeepVectors(byte* fresh);

    [DllImport("native", EntryPoint = "attack_instruction")]
    public static extern void Instruction(int index);

    [DllImport("native", EntryPoint = "attack_instruction_count")]
    public static extern int InstructionCount();

    [DllImport("native", EntryPoint = "attack_segment")]
    public static extern void Segment(ulong selector);

    [DllImport("native", EntryPoint = "attack_iret")]
    public static extern void InterruptReturn(ulong codeSelector, ulong flags);

    [DllImport("native", EntryPoint = "attack_loop")]
    public static extern void Loop();
}

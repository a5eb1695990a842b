// The only door to hardware. X64Machine is the real one, the tests' FakeMachine another.
//
// Physical memory is one span of bytes at PhysicalMemory (the direct map, or a host array), so page
// tables, frames and messages are the same code on both. User memory is reached only by walking
// page tables to PhysicalMemory; FakeMachine may answer TranslateUser itself.

using CosmosKernel.Threads;

namespace CosmosKernel.Arch;

/// <summary>Why Resume returned.</summary>
public enum TrapKind : byte
{
    /// <summary>The thread executed `syscall`; its number is in Rax.</summary>
    SystemCall = 0,
    /// <summary>
    /// An exception of the thread; vector, error code and address are in its frame.
    /// </summary>
    Fault = 1,
    /// <summary>A device or the timer; the thread did nothing. See TakeInterrupts.</summary>
    Interrupt = 2,
}

/// <summary>
/// A return from ring 3. It names its thread: nobody may assume the one just resumed.
/// </summary>
public readonly record struct Trap(TrapKind Kind, Thread Thread);

public unsafe interface IMachine
{
    /// <summary>Base of the direct map: physical address 0 as a kernel pointer.</summary>
    byte* PhysicalMemory { get; }

    /// <summary>Runs the thread in ring 3 until it traps.</summary>
    Trap Resume(Thread thread);

    /// <summary>
    /// The thread, which is in a system call, makes it again when it runs next: for a call that
    /// takes long, so that interrupts come in between.
    /// </summary>
    void RepeatCall(Thread thread);

    /// <summary>
    /// Waits for an interrupt, with interrupts on; returns at once if one is pending.
    /// </summary>
    void Idle();

    /// <summary>
    /// Bits of the interrupt lines (0..15) seen since the last call; bit 31: timer.
    /// </summary>
    uint TakeInterrupts();
    void MaskInterrupt(int line);
    void UnmaskInterrupt(int line);

    /// <summary>Monotonic nanoseconds since boot.</summary>
    ulong NowNs { get; }
    /// <summary>Nanoseconds from 1970 to boot, from the clock chip; 0 when there is none.</summary>
    ulong BootTimeNs { get; }
    /// <summary>Asks for a timer interrupt at or soon after; ulong.MaxValue: none.</summary>
    void ArmTimer(ulong deadlineNs);

    /// <summary>Forgets one translation of the given root, after its entry was changed.</summary>
    void InvalidatePage(ulong root, ulong address);
    /// <summary>
    /// Makes the kernel's shared part of a new page table root: entries 128..511, and entry 1 (the
    /// kernel image at 1 GiB) of the table that entry 0 names. The caller has put that table there.
    /// </summary>
    void CopyKernelMappings(ulong root);
    /// <summary>
    /// The frames of this root are about to be freed: stops using it. To be called before the first
    /// of its tables goes back to the frame table.
    /// </summary>
    void ForgetRoot(ulong root);

    uint ReadPort(ushort port, int widthBytes);
    void WritePort(ushort port, int widthBytes, uint value);

    /// <summary>One byte to the serial line, for the kernel log and panics.</summary>
    void WriteSerial(byte value);

    ulong Random();

    /// <summary>Ticks of the time stamp counter in a second; 0 when it has none.</summary>
    ulong TscHz => 0;

    /// <summary>The time stamp counter; nanoseconds where there is none.</summary>
    ulong Tsc => NowNs;

    /// <summary>The time stamp counter when time was 0.</summary>
    ulong TscFirst => 0;

    /// <summary>Nanoseconds of a tick, times 2^32; 0: programs cannot read it.</summary>
    ulong NsPerTscTick => 0;

    [System.Diagnostics.CodeAnalysis.DoesNotReturn] void PowerOff(uint code);
    [System.Diagnostics.CodeAnalysis.DoesNotReturn] void Reboot();
}

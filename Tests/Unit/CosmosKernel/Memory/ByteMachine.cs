// A machine that is an array of bytes and a clock: enough for the memory and Linux parts, whose
// tests call the kernel's handlers themselves and never run a thread.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using CosmosKernel.Arch;
using CosmosKernel.Threads;

namespace Tests.Unit.CosmosKernel.Memory;

public sealed unsafe class ByteMachine : IMachine, IDisposable
{
    private const ulong KernelEntry = 0x1000 | 3;

    private readonly byte* _memory;
    private ulong _random = 1;

    public ByteMachine(int lengthBytes)
    {
        // Safety: freed by Dispose; filled with rubbish so that nothing is zero by chance.
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)lengthBytes, 4096);
        new Span<byte>(_memory, lengthBytes).Fill(0xCD);
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    public byte* PhysicalMemory => _memory;
    public ulong NowNs { get; set; } = 1_000_000;
    public ulong BootTimeNs { get; set; } = 1_700_000_000_000_000_000;
    public int Invalidations { get; private set; }
    public ulong ForgottenRoot { get; private set; }

    /// <summary>As the real machine: upper half of the root, and 1 GiB below its entry 0.</summary>
    public void CopyKernelMappings(ulong root)
    {
        ulong* table = (ulong*)(_memory + root);
        for (int i = 128; i < 512; i++) table[i] = KernelEntry;
        ulong* low = (ulong*)(_memory + (table[0] & 0x000F_FFFF_FFFF_F000));
        low[1] = KernelEntry;
    }

    public void InvalidatePage(ulong root, ulong address) => Invalidations++;
    public void ForgetRoot(ulong root) => ForgottenRoot = root;
    public ulong Random() => _random = _random * 6364136223846793005 + 1442695040888963407;

    public int Repeats { get; private set; }
    public void RepeatCall(Thread thread) => Repeats++;
    public Trap Resume(Thread thread) => throw new NotSupportedException();
    public void Idle() => throw new NotSupportedException();
    public uint TakeInterrupts() => 0;
    public void MaskInterrupt(int line) { }
    public void UnmaskInterrupt(int line) { }
    public void ArmTimer(ulong deadlineNs) { }
    public uint ReadPort(ushort port, int widthBytes) => 0;
    public void WritePort(ushort port, int widthBytes, uint value) { }
    public void WriteSerial(byte value) { }
    [DoesNotReturn] public void PowerOff(uint code) => throw new NotSupportedException();
    [DoesNotReturn] public void Reboot() => throw new NotSupportedException();
}

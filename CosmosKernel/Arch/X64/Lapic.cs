// The local APIC's timer, one shot. Vector 62: bit 30 of the pending interrupts. Vector 63 is for
// spurious interrupts: nobody looks at bit 31. SDM Vol. 3, 11.

namespace CosmosKernel.Arch.X64;

// Safety: the only pointer is the page of its registers, which is mapped for ever.
public sealed unsafe class Lapic
{
    private const ulong PhysicalBase = 0xFEE0_0000;
    private const int EndOfInterrupt = 0x0B0, Spurious = 0x0F0, TimerEntry = 0x320, Line0 = 0x350;
    private const int InitialCount = 0x380, CurrentCount = 0x390, Divisor = 0x3E0;
    private const uint SoftwareEnable = 0x100, SpuriousVector = 63, TimerVector = 62;
    private const uint Masked = 0x1_0000, ExternalInterrupts = 0x700, DivideBy1 = 0x0B;

    private readonly byte* _registers;

    public Lapic(byte* physicalMemory)
    {
        _registers = physicalMemory + PhysicalBase;
        Write(Spurious, SoftwareEnable | SpuriousVector);
        Write(Line0, ExternalInterrupts);
        Write(Divisor, DivideBy1);
        Write(TimerEntry, TimerVector);
    }

    /// <summary>Counts down from the largest value, without interrupt, to be measured.</summary>
    public void StartCount()
    {
        Write(TimerEntry, Masked | TimerVector);
        Write(InitialCount, uint.MaxValue);
        Write(TimerEntry, TimerVector | Masked);
    }

    public uint Count => Read(CurrentCount);

    /// <summary>One interrupt after so many ticks; 0 stops the timer.</summary>
    public void Start(uint ticks)
    {
        Write(TimerEntry, TimerVector);
        Write(InitialCount, ticks);
    }

    public void Acknowledge() => Write(EndOfInterrupt, 0);

    // Safety: the shim maps the page uncached at DirectMap + its address; offsets are constants.
    private uint Read(int offset) =>
        System.Threading.Volatile.Read(ref *(uint*)(_registers + offset));

    private void Write(int offset, uint value) =>
        System.Threading.Volatile.Write(ref *(uint*)(_registers + offset), value);
}

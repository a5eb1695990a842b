// A word of sticky bits: interrupts, timers, deaths, control.

namespace CosmosKernel.Ipc;

public sealed class Notification(int index)
{
    public readonly int Index = index;
    public uint Generation = 1;
    public ulong Bits;
}

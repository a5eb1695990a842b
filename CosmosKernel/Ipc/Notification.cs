// A word of sticky bits: interrupts, timers, deaths, control.

using CosmosKernel.Processes;
using CosmosKernel.Threads;

namespace CosmosKernel.Ipc;

public sealed class Notification(int index)
{
    public readonly int Index = index;
    public bool IsUsed;
    public ObjectMaker Maker;
    /// <summary>Capabilities for it, and kernel records that signal it.</summary>
    public int References;
    public ulong Bits;
    /// <summary>Thread whose Receive returns the bits, or null.</summary>
    public Thread? BoundThread;
}

// What the Linux personality keeps of one process. Pooled with its Process.

namespace CosmosKernel.Arch.X64.Linux;

public sealed class LinuxProcess
{
    public const int SignalCount = 65;

    public ulong BreakFirst, BreakEnd;
    public readonly ulong[] SignalHandler = new ulong[SignalCount];
    public readonly ulong[] SignalFlags = new ulong[SignalCount];
    public readonly ulong[] SignalRestorer = new ulong[SignalCount];
    public readonly ulong[] SignalMask = new ulong[SignalCount];

    public void Reset()
    {
        BreakFirst = BreakEnd = 0;
        System.Array.Clear(SignalHandler);
        System.Array.Clear(SignalFlags);
        System.Array.Clear(SignalRestorer);
        System.Array.Clear(SignalMask);
    }
}

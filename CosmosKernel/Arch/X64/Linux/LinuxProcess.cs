// What the Linux personality keeps of one process. Pooled with its Process.

using System;
using CosmosKernel.Threads;

namespace CosmosKernel.Arch.X64.Linux;

public sealed class LinuxProcess
{
    public const int SignalCount = 65;

    // From the image, for the auxiliary vector (ProcessLoader, StartBlock).
    public ulong Entry, HeadersAddress;
    public ushort HeaderCount;

    public ulong BreakFirst, BreakEnd;
    public readonly ulong[] SignalHandler = new ulong[SignalCount];
    public readonly ulong[] SignalFlags = new ulong[SignalCount];
    public readonly ulong[] SignalRestorer = new ulong[SignalCount];
    public readonly ulong[] SignalMask = new ulong[SignalCount];

    /// <summary>
    /// Threads that wait on a futex of this process, in order of arrival (Futexes).
    /// </summary>
    public Thread? FirstWaiter, LastWaiter;

    /// <summary>Bytes of the one readable text file that were read already (LinuxFiles).</summary>
    public int MapsOffset;

    /// <summary>As the other's, but for who waits.</summary>
    public void CopyFrom(LinuxProcess other)
    {
        (Entry, HeadersAddress, HeaderCount) =
            (other.Entry, other.HeadersAddress, other.HeaderCount);
        (BreakFirst, BreakEnd) = (other.BreakFirst, other.BreakEnd);
        Array.Copy(other.SignalHandler, SignalHandler, SignalCount);
        Array.Copy(other.SignalFlags, SignalFlags, SignalCount);
        Array.Copy(other.SignalRestorer, SignalRestorer, SignalCount);
        Array.Copy(other.SignalMask, SignalMask, SignalCount);
    }

    public void Reset()
    {
        Entry = HeadersAddress = BreakFirst = BreakEnd = 0;
        HeaderCount = 0;
        FirstWaiter = LastWaiter = null;
        MapsOffset = 0;
        Array.Clear(SignalHandler);
        Array.Clear(SignalFlags);
        Array.Clear(SignalRestorer);
        Array.Clear(SignalMask);
    }
}

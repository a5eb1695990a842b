// What the Linux personality keeps of one thread. Pooled with its Thread.

namespace CosmosKernel.Arch.X64.Linux;

public sealed class LinuxThread
{
    /// <summary>
    /// Word in user memory to clear and wake when the thread ends (set_tid_address).
    /// </summary>
    public ulong ClearChildTidAddress;
    public ulong SignalStackFirst, SignalStackBytes;
    /// <summary>Signal N is bit N - 1 of what is blocked and of what is pending.</summary>
    public ulong BlockedSignals, PendingSignals;
    /// <summary>InFutex: the address that the thread waits on.</summary>
    public ulong FutexAddress;
    public uint FutexBitset;

    /// <summary>True when a signal is to be delivered before the thread runs again.</summary>
    public bool HasDeliverable
    {
        [System.Runtime.CompilerServices.MethodImpl(
            System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        get => PendingSignals != 0 && (PendingSignals & ~BlockedSignals) != 0;
    }

    public void CopyFrom(LinuxThread other)
    {
        ClearChildTidAddress = other.ClearChildTidAddress;
        (SignalStackFirst, SignalStackBytes) = (other.SignalStackFirst, other.SignalStackBytes);
        BlockedSignals = other.BlockedSignals;
        (FutexAddress, FutexBitset) = (other.FutexAddress, other.FutexBitset);
    }

    public void Reset()
    {
        ClearChildTidAddress = SignalStackFirst = SignalStackBytes = 0;
        BlockedSignals = PendingSignals = FutexAddress = 0;
        FutexBitset = 0;
    }
}

// What the Linux personality keeps of one thread. Pooled with its Thread.

namespace CosmosKernel.Arch.X64.Linux;

public sealed class LinuxThread
{
    /// <summary>Word in user memory to clear and wake when the thread ends (set_tid_address).</summary>
    public ulong ClearChildTidAddress;
    public ulong SignalStackFirst, SignalStackBytes;
    /// <summary>Bits 1..64 of blocked and of pending signals.</summary>
    public ulong BlockedSignals, PendingSignals;
    /// <summary>Address that the thread waits on, and its physical key.</summary>
    public ulong FutexAddress, FutexKey;
    public uint FutexBitset;

    public void Reset()
    {
        ClearChildTidAddress = SignalStackFirst = SignalStackBytes = 0;
        BlockedSignals = PendingSignals = FutexAddress = FutexKey = 0;
        FutexBitset = 0;
    }
}

// A protection domain: address space, capability space, quotas, cause of death.
//
// Pooled: made at boot by ProcessTable. After death it is an exit record until collected.

using CosmosKernel.Ipc;
using CosmosKernel.Memory;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Processes;

public sealed unsafe class Process(int index)
{
    public readonly int Index = index;
    public uint Generation = 1;
    public ProcessId Id;
    public bool IsUsed;
    public ProcessState State;
    public Priority Priority;
    public Layer Layer;
    public uint Incarnation;
    public readonly byte[] Name = new byte[ProcessSpec.MaxNameBytes];

    public readonly AddressSpace AddressSpace = new();
    /// <summary>Owner number of its capabilities; the vault's are owned by the vault's number.</summary>
    public int Space => Index;
    public int VaultIndex = -1;

    public Thread? FirstThread;
    public Thread? MainThread;
    public ushort ThreadCount, ThreadQuota;
    public ushort HandleCount, HandleQuota;
    /// <summary>Frames charged to it: page tables, private pages, its vault's pages.</summary>
    public uint MemoryPages, MemoryQuotaPages;
    public ulong CpuNs;
    public ulong StartedNs;

    /// <summary>Process that made it and may collect it; -1 when that is dead.</summary>
    public int MakerIndex = -1;
    public Notification? DeathNotification;
    public ulong DeathBits;
    public DeathRecord Death;
    public readonly byte[] LastWords = new byte[Limits.LastWordsBytes];

    /// <summary>Linux personality of this process: signal handlers, brk, mmap cursor.</summary>
    public readonly Arch.X64.Linux.LinuxProcess Linux = new();

    public bool IsAlive => IsUsed && State != ProcessState.Zombie;
}

// Memory that outlives a process and goes to its next incarnation, with a table of capabilities
// beside it (those belong to Capabilities, by this vault's number).
//
// Pooled: made at boot by VaultTable. Owned by at most one process, which pays for its frames.

using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory.Vaults;

public sealed class Vault(int index)
{
    public readonly int Index = index;
    public uint Generation = 1;
    public bool IsUsed, IsDying;
    public ObjectMaker Maker;
    public ulong LengthBytes;
    public FrameList Frames;
    /// <summary>Process that has it mapped and is charged for Frames.FrameCount; or null.</summary>
    public Process? Owner;
    /// <summary>As Owner, and it stays when that one has died.</summary>
    public ProcessId LastOwner;
    public readonly byte[] LastOwnerName = new byte[ProcessSpec.MaxNameBytes];
    /// <summary>The next version tries it out (VaultProbe).</summary>
    public bool IsProbed;
    /// <summary>During a probe: changed pages as they were before.</summary>
    public VaultUndo Undo;
    /// <summary>How the probe ends, once a part of that was done; null before.</summary>
    public ProbeEnd? Ending;
    /// <summary>The end has dealt with the pages before this one.</summary>
    public uint EndingPage;
    /// <summary>Owner before the probe, stopped, or null when that has died.</summary>
    public Process? Suspended;
    public int Capabilities;
    public ushort HandleCount;
    public uint ReclaimPage;
    public Vault? NextDying;
}

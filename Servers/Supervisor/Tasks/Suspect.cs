// What the hang watch remembers of one process from look to look.
//
// Owned by HangWatch. Of a process that is accused of something the vault has a row, so that the
// time that it is blamed for does not start anew with each supervisor.

using Shared.Abi;

namespace Servers.Supervisor.Tasks;

public enum Charge : byte
{
    /// <summary>It has nothing to do.</summary>
    None,
    /// <summary>It is stopped, or waits for somebody else.</summary>
    Waiting,
    /// <summary>A request in its hands.</summary>
    InHand,
    /// <summary>A request that it does not take.</summary>
    NotTaken,
    /// <summary>It computes, and nobody has asked it to.</summary>
    Looping,
}

/// <summary>What would have to change for the server to have made progress.</summary>
public readonly record struct Accusation(Charge Charge, ulong RequestId, uint Calls);

public sealed class Suspect(ProcessId process)
{
    public ProcessId Process { get; } = process;
    public Accusation Accusation { get; set; }
    /// <summary>How long the same has been held against it.</summary>
    public ulong BlamedNs { get; set; }

    /// <summary>Time of the latest look; 0 before the first. With what was seen then.</summary>
    public ulong SeenNs { get; set; }
    public ulong CpuNs { get; set; }
    public uint Receives { get; set; }

    public bool IsNew => SeenNs == 0;
    public bool IsAccused => Accusation.Charge > Charge.Waiting;
}

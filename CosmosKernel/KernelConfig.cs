// Sizes of the tables that the kernel makes at boot. The machine takes the defaults; tests make
// small kernels.

using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel;

public sealed record KernelConfig
{
    public int Processes { get; init; } = Limits.Processes;
    public int Threads { get; init; } = Limits.Threads;
    public int Capabilities { get; init; } = Limits.Capabilities;
    public int Endpoints { get; init; } = Limits.Endpoints;
    public int Notifications { get; init; } = Limits.Notifications;
    public int MemoryObjects { get; init; } = Limits.MemoryObjects;
    public int Vaults { get; init; } = Limits.Vaults;
    public int LogBytes { get; init; } = Limits.LogBytes;
    public int TraceRows { get; init; } = Limits.TraceRows;
    /// <summary>Of a death or a revocation, until interrupts are let in.</summary>
    public int PartSteps { get; init; } = Endings.StepsOfPart;
}

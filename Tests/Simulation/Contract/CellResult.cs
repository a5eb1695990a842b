// What a cell really came to, and when: to be compared with the contract.

using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Simulation.Contract;

/// <param name="AnswerNs">All three from the action on.</param>
public sealed record CellResult(
    Status Answer, ulong AnswerNs, CallEnd Call, HandleEnd Handle, ulong ClientNs,
    MountEnd Mount, ulong MountNs)
{
    /// <summary>Set when the cell could not be played to its end.</summary>
    public string? Failure { get; init; }

    public static CellResult Broken(string why) =>
        new(Status.Ok, 0, CallEnd.None, HandleEnd.None, 0, MountEnd.Gone, 0) { Failure = why };
}

// A task that stress kills, and how often it may still fail.
//
// Rules: a kill is free; a fault counts as a failure, and one that fails too often is given up.
// So there is a limit below that of the system table, which StressTests compare.

using System.Collections.Generic;

namespace Servers.Shell.Commands.Stress;

/// <param name="image">What it can be upgraded from; empty where upgrades are not for it.</param>
public sealed class Victim(string name, string image)
{
    public const int MostFailures = 8;
    /// <summary>Longer than the window of the table: a death comes after its order.</summary>
    public const ulong WindowMs = 45_000;
    private const ulong NsPerMs = 1_000_000;

    private readonly Queue<ulong> _failuresNs = new();

    public string Name => name;
    public string Image { get; set; } = image;

    /// <summary>True, and counted, when one more failure is no danger.</summary>
    public bool TryFail(ulong nowNs)
    {
        while (_failuresNs.TryPeek(out ulong first) && nowNs - first > WindowMs * NsPerMs)
        {
            _failuresNs.Dequeue();
        }
        if (_failuresNs.Count == MostFailures) return false;
        _failuresNs.Enqueue(nowNs);
        return true;
    }
}

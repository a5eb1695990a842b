// Kills the process that makes the Nth point, once; counts and names the points meanwhile.

using CosmosKernel.Processes;
using Shared.Abi;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation.Kills;

/// <param name="killAt">Number of the point, from 0; negative for none.</param>
public sealed class PointKiller(int killAt = -1) : IKiller
{
    readonly List<string> points = [];

    /// <summary>Who may be killed.</summary>
    public Func<string, bool> MayDie { get; init; } = static _ => true;

    /// <summary>What made each point: process and call.</summary>
    public IReadOnlyList<string> Points => points;

    /// <summary>Name of the process that was killed, or null.</summary>
    public string? Victim { get; private set; }

    public Process? AtEntry(Process maker, SystemCall call) =>
        IsHere(maker, call.ToString()) ? maker : null;

    public int? AtStore(Process maker, int lengthBytes) =>
        IsHere(maker, "vault store") ? lengthBytes * 2 / 3 : null;

    bool IsHere(Process maker, string what)
    {
        string name = Encoding.UTF8.GetString(maker.NameText);
        points.Add($"{name}: {what}");
        if (points.Count - 1 != killAt || !MayDie(name)) return false;
        Victim = name;
        return true;
    }
}

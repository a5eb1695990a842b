// Kills at the Nth point after it was armed, once; then it must be armed again.

using CosmosKernel.Processes;
using Shared.Abi;
using System.Text;

namespace Tests.Simulation.Kills;

public sealed class SweepKiller : IKiller
{
    int untilKill = -1;

    /// <summary>Whose points count; everybody's, unless said otherwise.</summary>
    public string? Only { get; init; }

    /// <summary>Whom it has killed since it was armed, and where; or null.</summary>
    public string? Victim { get; private set; }
    public string? Point { get; private set; }
    /// <summary>All deaths that it has brought about.</summary>
    public int Kills { get; private set; }

    /// <summary>Who makes this point from now on, counted from 0, dies of it.</summary>
    public void Arm(int point)
    {
        untilKill = point;
        Victim = Point = null;
    }

    public void Disarm() => untilKill = -1;

    public Process? AtEntry(Process maker, SystemCall call) =>
        IsHere(maker) ? Note(maker, call.ToString()) : null;

    public int? AtStore(Process maker, int lengthBytes)
    {
        if (!IsHere(maker)) return null;
        Note(maker, "vault store");
        // Another part of it each time: none, all but nothing, a byte more or less than a word.
        return (int)((uint)Kills * 2654435761u % (uint)lengthBytes);
    }

    bool IsHere(Process maker) => untilKill >= 0
        && (Only is null || Encoding.UTF8.GetString(maker.NameText) == Only)
        && untilKill-- == 0;

    Process Note(Process maker, string what)
    {
        Victim = Encoding.UTF8.GetString(maker.NameText);
        Point = what;
        Kills++;
        return maker;
    }
}

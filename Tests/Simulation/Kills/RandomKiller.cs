// Kills at random points, or exactly where an earlier run did.
//
// Rules: which points and whom is a function of the seed and of what the system does, which is a
// function of the seed too; so a run can be had again, and with fewer kills.

using CosmosKernel;
using CosmosKernel.Processes;
using Shared.Abi;
using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Simulation.Kills;

/// <summary>One death: at which point, and of whom.</summary>
public readonly record struct KillAt(int Point, string Victim)
{
    public override string ToString() => $"{Point}:{Victim}";

    public static KillAt Parse(string text)
    {
        int split = text.IndexOf(':');
        return new KillAt(int.Parse(text[..split]), text[(split + 1)..]);
    }
}

public sealed class RandomKiller : IKiller
{
    /// <summary>The kernel takes a supervisor that dies sooner for one that cannot live.</summary>
    const ulong LongLifeNs = 5_100_000_000;

    readonly Random random;
    readonly Dictionary<int, string>? wanted;
    readonly int pointsPerKill;
    readonly int othersPercent;
    readonly List<KillAt> done = [];
    int points;

    /// <param name="wanted">The only kills there are; null: as the random numbers say.</param>
    public RandomKiller(int seed, IReadOnlyList<KillAt>? wanted = null)
    {
        random = new Random(seed);
        // Some runs die all the time, others now and then.
        pointsPerKill = 30 << random.Next(4);
        othersPercent = random.Next(3) * 20;
        if (wanted is null) return;
        this.wanted = [];
        foreach (KillAt kill in wanted) this.wanted[kill.Point] = kill.Victim;
    }

    public Kernel Kernel { get; set; } = null!;
    public bool IsOn { get; set; }
    public IReadOnlyList<KillAt> Done => done;
    public int Points => points;

    public Process? AtEntry(Process maker, SystemCall call)
    {
        if (!IsOn) return null;
        int point = points++;
        if (wanted is not null)
            return wanted.TryGetValue(point, out string? name) ? Note(point, Find(name)) : null;
        if (random.Next(pointsPerKill) != 0) return null;
        Process victim = random.Next(100) < othersPercent ? Another() : maker;
        return Note(point, MayDie(victim) ? victim : null);
    }

    public int? AtStore(Process maker, int lengthBytes)
    {
        if (!IsOn) return null;
        int point = points++;
        bool dies = wanted?.ContainsKey(point) ?? random.Next(pointsPerKill) == 0;
        if (!dies || !MayDie(maker)) return null;
        Note(point, maker);
        return (int)((uint)point * 2654435761u % (uint)lengthBytes);
    }

    Process? Note(int point, Process? victim)
    {
        if (victim is not null) done.Add(new KillAt(point, NameOf(victim)));
        return victim;
    }

    bool MayDie(Process process) => process.IsAlive && (NameOf(process) != "supervisor"
        || Kernel.NowNs - process.StartedNs > LongLifeNs);

    Process Another()
    {
        while (true)
        {
            Process process = Kernel.Processes[random.Next(Kernel.Processes.Capacity)];
            // Nobody but its maker knows one that has not started yet.
            if (process.IsUsed && process.State == ProcessState.Running) return process;
        }
    }

    Process? Find(string name)
    {
        for (int index = 0; index < Kernel.Processes.Capacity; index++)
        {
            Process process = Kernel.Processes[index];
            if (process.IsUsed && NameOf(process) == name && MayDie(process)) return process;
        }

        return null;
    }

    static string NameOf(Process process) => Encoding.UTF8.GetString(process.NameText);
}

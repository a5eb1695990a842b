// Keeps one started process ready for each image that the table marks, so that a restart does not
// wait for a runtime to come up.
//
// Rules: a spare is made when nothing else is to do, never on the way of a recovery; one that dies
// is made again after a while; a full machine has none, and starts go the long way.

using System;
using System.Collections.Generic;
using Servers.Supervisor.Launching;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Tasks;

public sealed class SpareKeeper(Authority authority, CandidateKeeper candidates)
{
    private const ulong NsPerMs = 1_000_000;
    /// <summary>After a spare was used: first the task that has it gets on.</summary>
    private const ulong RefillAfterNs = 20 * NsPerMs;
    /// <summary>After a spare has died or could not be made.</summary>
    private const ulong RetryAfterNs = 2_000 * NsPerMs;

    private readonly List<Candidate> _spares = [];

    /// <summary>When Refill wants to be called; 0 never.</summary>
    public ulong NextRefillNs { get; private set; }

    /// <summary>Boot is done: spares may be made from now on.</summary>
    public void Begin() => Schedule(RefillAfterNs);

    /// <summary>A spare of the image that waits for its role, now the caller's; or null.</summary>
    public Candidate? TryTake(TaskSpec spec, string image)
    {
        int index = _spares.FindIndex(
            spare => spare.Spec == spec && spare.Image == image && spare.IsWaiting);
        if (index < 0) return null;
        Candidate spare = _spares[index];
        _spares.RemoveAt(index);
        Schedule(RefillAfterNs);
        return spare;
    }

    public void RefillIfDue(ulong nowNs)
    {
        if (NextRefillNs == 0 || nowNs < NextRefillNs) return;
        NextRefillNs = 0;
        foreach (TaskSpec spec in SystemTable.MountTypes)
        {
            if (spec.Spares == Spares.None || _spares.Exists(spare => spare.Spec == spec)) continue;
            Result<Candidate> made = candidates.Launch(spec, spec.Image, NameOf(spec));
            if (made.IsOk) _spares.Add(made.Value);
            else Schedule(RetryAfterNs);
        }
    }

    /// <summary>Lets go of spares that have died.</summary>
    public void Sweep()
    {
        foreach (Candidate spare in _spares.ToArray())
        {
            Result<uint> dead = authority.Kernel.ProcessCollect(
                spare.Process, out DeathRecord record, [], CollectMode.Look);
            if (!dead.IsOk) continue;
            authority.Log($"death of a spare {spare.Image}[{record.Process}]: {record.Cause}");
            _spares.Remove(spare);
            candidates.End(spare);
            Schedule(RetryAfterNs);
        }
    }

    /// <summary>By name or process id, as `ps` shows them: `kill` ends it like anything.</summary>
    public Candidate? Find(string name) => _spares.Find(spare =>
        NameOf(spare.Spec) == name || ProcessNames.Id(name) == spare.ProcessId);

    private static string NameOf(TaskSpec spec) => $"{spec.Name}+spare";

    private void Schedule(ulong afterNs)
    {
        ulong atNs = authority.NowNs + afterNs;
        NextRefillNs = NextRefillNs == 0 ? atNs : Math.Min(NextRefillNs, atNs);
    }
}

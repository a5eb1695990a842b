// Finds servers that hang: they have a request, could work on it, and do not get it done.
//
// Pure: it is shown the kernel's lists now and then, and names the processes to kill. What is held
// against a server, and for how long, is in AccusationAgainst and TimeThatCounts. Time counts only
// while the server could run, and never more than two looks' worth at once, so that a machine that
// was halted from outside blames nobody. A watch begins with what the one before it held against
// whom: the time between the two counts like any other.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

/// <summary>A server as the watch sees it.</summary>
/// <param name="DeadlineNs">How long the same thing is held against it.</param>
public readonly record struct Watched(ProcessId Process, ulong DeadlineNs, Running Running);

public sealed class HangWatch
{
    /// <summary>
    /// A server that takes this share of the processor, with no request, is looping.
    /// </summary>
    private const ulong LoopingPercent = 90;
    /// <summary>
    /// The same while it waits for more: programs that want it leave a loop half (Scheduler).
    /// </summary>
    private const ulong CrowdedPercent = 40;

    private readonly ulong _intervalNs;
    private readonly Dictionary<ProcessId, Suspect> _suspects = [];

    /// <param name="intervalNs">Between two looks, if nothing goes wrong.</param>
    /// <param name="suspects">Of an earlier watch; they are this one's from now on.</param>
    public HangWatch(ulong intervalNs, IEnumerable<Suspect> suspects)
    {
        _intervalNs = intervalNs;
        foreach (Suspect suspect in suspects) _suspects.Add(suspect.Process, suspect);
    }

    /// <summary>Everybody of the last look.</summary>
    public IReadOnlyCollection<Suspect> Suspects => _suspects.Values;

    /// <summary>
    /// How long whoever is closest to its deadline still has, at the last look; ulong.MaxValue when
    /// nothing is held against anybody.
    /// </summary>
    public ulong RemainingNs { get; private set; } = ulong.MaxValue;

    /// <summary>Processes that have hung for longer than their deadline.</summary>
    public List<ProcessId> Look(
        IReadOnlyList<Watched> servers, ReadOnlySpan<WaitRow> waits,
        ReadOnlySpan<ProcessRow> processes, ulong nowNs)
    {
        List<ProcessId> hung = [];
        RemainingNs = ulong.MaxValue;
        foreach (Watched server in servers)
        {
            Suspect suspect = Track(server.Process);
            ProcessRow row = RowOf(server.Process, processes);
            ulong elapsedNs = Math.Min(nowNs - suspect.SeenNs, 2 * _intervalNs);
            Accusation accusation = server.Running == Running.Stopped
                ? new Accusation(Charge.Waiting, 0, 0)
                : AccusationAgainst(server.Process, suspect, row, waits, elapsedNs);
            if (IsStuck(suspect, row, accusation)) accusation = suspect.Accusation;
            bool isSame = accusation.Charge > Charge.Waiting && !suspect.IsNew
                && accusation == suspect.Accusation;
            suspect.BlamedNs = isSame
                ? suspect.BlamedNs + TimeThatCounts(suspect, row, elapsedNs)
                : 0;
            suspect.Accusation = accusation;
            suspect.SeenNs = nowNs;
            suspect.CpuNs = row.CpuNs;
            suspect.Receives = row.EndpointReceives;
            // It stays a suspect: whoever is to kill it may die first.
            if (suspect.BlamedNs >= server.DeadlineNs) hung.Add(server.Process);
            else if (suspect.IsAccused)
                RemainingNs = Math.Min(RemainingNs, server.DeadlineNs - suspect.BlamedNs);
        }
        Forget(nowNs);
        return hung;
    }

    /// <summary>
    /// The oldest request in its hands that is neither parked nor waits on somebody else. If it has
    /// none, and waits on nobody, the oldest in its queue, unless it comes for others meanwhile.
    /// </summary>
    private static Accusation AccusationAgainst(
        ProcessId server, Suspect suspect, in ProcessRow row, ReadOnlySpan<WaitRow> waits,
        ulong elapsedNs)
    {
        Accusation inHand = default, queued = default;
        ulong inHandNs = ulong.MaxValue, queuedNs = ulong.MaxValue;
        bool isWaiting = false;
        foreach (ref readonly WaitRow wait in waits)
        {
            if (wait.CallerProcess == server.Value) isWaiting = true;
            // Without a receiver the endpoint's server is restarting.
            if (wait.ServerProcess != server.Value || wait.ServerAlive == 0) continue;
            if (wait.State == WaitState.Delivered && wait.ServerWaits == 0
                && wait.DeliveredNs < inHandNs)
            {
                inHandNs = wait.DeliveredNs;
                inHand = new Accusation(Charge.InHand, wait.RequestId, wait.NestedCalls);
            }
            if (wait.State == WaitState.Queued && wait.SinceNs < queuedNs)
            {
                queuedNs = wait.SinceNs;
                queued = new Accusation(Charge.NotTaken, wait.RequestId, 0);
            }
        }
        if (inHand.Charge != Charge.None) return inHand;
        // It came back to its loop since the last look: it works.
        bool hasMoved = !suspect.IsNew && row.EndpointReceives != suspect.Receives;
        if (isWaiting) return new Accusation(Charge.Waiting, 0, 0);
        if (hasMoved) return default;
        if (queued.Charge != Charge.None) return queued;
        ulong percent = row.ReadyThreads == 0 ? LoopingPercent : CrowdedPercent;
        bool isBusy = (row.CpuNs - suspect.CpuNs) * 100 >= elapsedNs * percent;
        return isBusy ? new Accusation(Charge.Looping, 0, 0) : default;
    }

    /// <summary>
    /// The request is gone, since its caller had no more time, and the server has not come back for
    /// the next: what was held against it still is. Otherwise short deadlines would hide a hang.
    /// </summary>
    private static bool IsStuck(Suspect suspect, in ProcessRow row, Accusation now) =>
        suspect.Accusation.Charge is Charge.InHand or Charge.NotTaken
        && now.Charge is Charge.None or Charge.NotTaken or Charge.Looping
        && row.EndpointReceives == suspect.Receives;

    /// <summary>
    /// All the time since the last look; if it waits for the processor, what it got of that.
    /// </summary>
    private static ulong TimeThatCounts(Suspect suspect, in ProcessRow row, ulong elapsedNs) =>
        row.ReadyThreads == 0 ? elapsedNs : Math.Min(elapsedNs, row.CpuNs - suspect.CpuNs);

    private static ProcessRow RowOf(ProcessId server, ReadOnlySpan<ProcessRow> processes)
    {
        foreach (ref readonly ProcessRow process in processes)
        {
            if (process.Id == server.Value) return process;
        }
        return default;
    }

    private Suspect Track(ProcessId server)
    {
        if (!_suspects.TryGetValue(server, out Suspect? suspect))
        {
            _suspects[server] = suspect = new Suspect(server);
        }
        return suspect;
    }

    /// <summary>Drops who was not in this look.</summary>
    private void Forget(ulong nowNs)
    {
        foreach (Suspect suspect in new List<Suspect>(_suspects.Values))
        {
            if (suspect.SeenNs != nowNs) _suspects.Remove(suspect.Process);
        }
    }
}

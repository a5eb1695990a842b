// Finds servers that hang: they have a request, could work on it, and do not get it done.
//
// Pure: it is shown the kernel's lists now and then, and names the processes to kill. Time counts
// only while the server could run: not while it is stopped, not while it waits in a call of its own
// (then the blame lies with the leaf of that chain), and never more than two looks' worth at once,
// so that a machine that was halted from outside blames nobody.

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Servers.Supervisor.Tasks;

/// <summary>A server as the watch sees it.</summary>
public readonly record struct Watched(ProcessId Process, ulong DeadlineNs, Running Running);

public sealed class HangWatch(ulong intervalNs)
{
    /// <summary>
    /// A server that takes this share of the processor, with no request, is looping.
    /// </summary>
    private const ulong LoopingPercent = 90;

    private sealed class Suspect
    {
        public ulong RequestId;
        public ulong BlamedNs;
        public ulong LoopedNs;
        public ulong CpuNs;
        public int Look;
    }

    private readonly Dictionary<ProcessId, Suspect> _suspects = [];
    private ulong _lastNs;
    private int _look;

    /// <summary>Processes that have hung for longer than their deadline.</summary>
    public List<ProcessId> Look(
        IReadOnlyList<Watched> servers, ReadOnlySpan<WaitRow> waits,
        ReadOnlySpan<ProcessRow> processes, ulong nowNs)
    {
        ulong elapsedNs = Math.Min(nowNs - _lastNs, 2 * intervalNs);
        _lastNs = nowNs;
        _look++;
        List<ProcessId> hung = [];
        foreach (Watched server in servers)
        {
            Suspect suspect = Track(server.Process);
            suspect.Look = _look;
            if (server.Running == Running.Stopped || IsWaiting(server.Process, waits))
            {
                suspect.BlamedNs = suspect.LoopedNs = 0;
                suspect.CpuNs = CpuNs(server.Process, processes);
                continue;
            }
            BlameRequest(suspect, server.Process, waits, nowNs, elapsedNs);
            BlameLoop(suspect, CpuNs(server.Process, processes), elapsedNs);
            if (Math.Max(suspect.BlamedNs, suspect.LoopedNs) < server.DeadlineNs) continue;
            hung.Add(server.Process);
            _suspects.Remove(server.Process);
        }
        Forget();
        return hung;
    }

    /// <summary>
    /// Adds the time since the last look to the oldest request, if it is still the same.
    /// </summary>
    private static void BlameRequest(
        Suspect suspect, ProcessId server, ReadOnlySpan<WaitRow> waits, ulong nowNs,
        ulong elapsedNs)
    {
        ulong oldestId = 0;
        ulong oldestNs = ulong.MaxValue;
        foreach (ref readonly WaitRow wait in waits)
        {
            if (wait.ServerProcess != server.Value || wait.ServerAlive == 0) continue;
            if (wait.State == WaitState.Parked) continue;
            ulong sinceNs = wait.State == WaitState.Delivered ? wait.DeliveredNs : wait.SinceNs;
            if (sinceNs >= oldestNs) continue;
            oldestNs = sinceNs;
            oldestId = wait.RequestId;
        }
        bool isSame = oldestId != 0 && oldestId == suspect.RequestId;
        ulong ageNs = nowNs > oldestNs ? nowNs - oldestNs : 0;
        suspect.BlamedNs = isSame ? suspect.BlamedNs + Math.Min(elapsedNs, ageNs) : 0;
        suspect.RequestId = oldestId;
    }

    /// <summary>Without any request, nearly all of the processor's time is a loop.</summary>
    private static void BlameLoop(Suspect suspect, ulong cpuNs, ulong elapsedNs)
    {
        ulong usedNs = cpuNs - suspect.CpuNs;
        bool isBusy = suspect.RequestId == 0 && suspect.CpuNs != 0
            && usedNs * 100 >= elapsedNs * LoopingPercent;
        suspect.LoopedNs = isBusy ? suspect.LoopedNs + elapsedNs : 0;
        suspect.CpuNs = cpuNs;
    }

    private static bool IsWaiting(ProcessId server, ReadOnlySpan<WaitRow> waits)
    {
        foreach (ref readonly WaitRow wait in waits)
        {
            if (wait.CallerProcess == server.Value) return true;
        }
        return false;
    }

    private static ulong CpuNs(ProcessId server, ReadOnlySpan<ProcessRow> processes)
    {
        foreach (ref readonly ProcessRow process in processes)
        {
            if (process.Id == server.Value) return process.CpuNs;
        }
        return 0;
    }

    private Suspect Track(ProcessId server)
    {
        if (!_suspects.TryGetValue(server, out Suspect? suspect))
        {
            _suspects[server] = suspect = new Suspect();
        }
        return suspect;
    }

    /// <summary>Drops what the last look did not see any more.</summary>
    private void Forget()
    {
        foreach (ProcessId gone in new List<ProcessId>(_suspects.Keys))
        {
            if (_suspects[gone].Look != _look) _suspects.Remove(gone);
        }
    }
}

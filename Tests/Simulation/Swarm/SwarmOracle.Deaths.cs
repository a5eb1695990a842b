// What a death may change: only who was killed dies, its requests go back, and OnDeath holds.

using CosmosKernel.Ipc;
using Shared.Abi;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Simulation.Swarm;

sealed unsafe partial class SwarmOracle
{
    void NoteDeaths(SwarmThread? acting)
    {
        if (acting is not null && acting.Number == SystemCall.ThreadExit) NoteThreadExit(acting);
        foreach (SwarmProcess? process in world.Processes)
        {
            if (process is not { IsAlive: true }) continue;
            if (process.Kernel.Id == process.Id && process.Kernel.IsAlive) continue;
            DeathCause cause = process.Kernel.Death.Cause;
            Require(acting is not null && MayDie(acting, process, cause),
                $"{process.Name} has died of {cause} through nothing, at {acting?.Number}");
            NoteDeath(acting!, process, cause);
        }

        for (int place = ending.Count - 1; place >= 0; place--)
            if (IsOver(ending[place])) ending.RemoveAt(place);
    }

    static bool MayDie(SwarmThread acting, SwarmProcess process, DeathCause cause) => cause switch
    {
        DeathCause.Killed or DeathCause.Hung or DeathCause.Replaced =>
            acting.Number == SystemCall.ProcessKill && (ulong)cause == acting.Arguments[1]
            && acting.Process.Find(acting.Arguments[0])?.Target == process,
        DeathCause.MalformedCall => acting.Process == process
            && !System.Enum.IsDefined(acting.Number),
        DeathCause.Exit => acting.Process == process && acting.Number == SystemCall.ThreadExit,
        _ => false,
    };

    void NoteDeath(SwarmThread acting, SwarmProcess process, DeathCause cause)
    {
        HadDeath = true;
        world.Tally.Deaths++;
        SwarmCall? blamed = cause switch
        {
            DeathCause.Hung => OldestUnderWay(process),
            DeathCause.MalformedCall or DeathCause.Exit => acting.Handling,
            _ => null,
        };
        if (blamed is not null) blamed.Faults++;
        process.IsAlive = false;
        foreach (SwarmThread thread in process.Threads) NoteThreadDead(thread);
        foreach (SwarmCall call in process.Held.Values.OrderByDescending(call => call.Reply))
        {
            call.Holder = null;
            call.HolderThread = null;
            call.IsParked = false;
        }

        process.Held.Clear();
        process.Replies.Clear();
        while (process.Handles.Count != 0) world.Tree.Remove(process.Handles[^1]);
        NoteEndpoints(process, cause);
        ending.Add(process);
    }

    void NoteEndpoints(SwarmProcess process, DeathCause cause)
    {
        foreach (SwarmEndpoint endpoint in world.Endpoints)
        {
            if (endpoint.ServerBefore != process.Kernel || cause == DeathCause.Replaced) continue;
            process.Left.Add(endpoint);
            if (endpoint.OnDeath == OnDeath.Fail) endpoint.HasFailed = true;
        }
    }

    /// <summary>
    /// What follows from a death may follow entries later: its endpoints vanish, unless somebody
    /// else serves them meanwhile, and then its maker is told.
    /// </summary>
    bool IsOver(SwarmProcess process)
    {
        foreach (SwarmEndpoint endpoint in process.Left)
        {
            if (endpoint.OnDeath != OnDeath.Vanish || !world.Endpoints.Contains(endpoint)) continue;
            bool isServedOn = endpoint.Kernel.LastServer != process.Id;
            endpoint.IsVanished |= endpoint.Kernel.IsVanished;
            Require(endpoint.IsVanished || isServedOn || process.IsEnding,
                $"an endpoint of {process.Name} has not vanished");
        }

        if (process.IsEnding) return false;
        HadDeath = true;
        endsInEntry++;
        if (process.DeathNotification is { } notification) notification.Bits |= process.DeathBits;
        return true;
    }

    void NoteThreadDead(SwarmThread thread)
    {
        if (thread.Calling is { } call)
        {
            Forget(call);
            if (call.Holder is { IsAlive: true } holder) holder.AddGone(call.Reply);
        }

        if (thread.Bound is { } bound) bound.Bound = null;
        thread.Bound = null;
        thread.Handling = null;
        thread.IsWaiting = false;
    }

    /// <summary>The thread that exits leaves what it has received to another.</summary>
    void NoteThreadExit(SwarmThread thread)
    {
        if (!thread.Process.Kernel.IsAlive || !thread.IsEnded) return;
        NoteThreadDead(thread);
        var heir = thread.Process.Kernel.FirstThread;
        SwarmThread? next = thread.Process.Threads.Find(one => one.Kernel == heir && !one.IsEnded);
        foreach (SwarmCall call in thread.Process.Held.Values)
            if (call.HolderThread == thread) call.HolderThread = next;
    }

    static SwarmCall? OldestUnderWay(SwarmProcess process)
    {
        SwarmCall? oldest = null;
        foreach (SwarmCall call in process.Held.Values)
        {
            if (call.IsParked || call.HolderThread is { Calling: not null }) continue;
            if (oldest is null || call.Reply < oldest.Reply) oldest = call;
        }

        return oldest;
    }

    /// <summary>
    /// A poisoned call is charged to whom it serves in the end; the third costs the capability.
    /// </summary>
    void Charge(SwarmCall poisoned)
    {
        SwarmCall origin = poisoned;
        while (origin.Serves is { Holder: { } holder } served && holder == origin.Caller.Process
            && world.Calls.ContainsKey(served.Token))
        {
            origin = served;
        }

        if (++origin.Caller.Process.Poisonings < Redelivery.PoisoningsUntilRevoked) return;
        if (!origin.Via.IsGone && !origin.Via.IsDead) world.Tree.RevokeWith(origin.Via);
    }

    /// <summary>The call is over, however: nothing of it stays.</summary>
    void Forget(SwarmCall call)
    {
        world.Calls.Remove(call.Token);
        call.Holder?.Release(call);
        if (call.HolderThread is { } holder && holder.Handling == call) holder.Handling = null;
        foreach (ShadowCapability? sent in call.Sent)
            if (sent is not null) world.Tree.Remove(sent);
        world.Tree.Unpin(call.Via);
        call.Caller.Calling = null;
    }
}

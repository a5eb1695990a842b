// Compares what the kernel did in one entry with what it may do. The order within an entry: deaths,
// then the call of the thread that acted, then whoever else has stopped waiting, then what must not
// be left over. The parts: Deaths, Results, Messages.
//
// Rules: the model is changed here alone, and only by what was seen. A status that the model can
// foretell must be that one; one that depends on the kernel's own order must have its reason.

using CosmosKernel.Threads;
using Shared.Abi;
using System.Collections.Generic;

namespace Tests.Simulation.Swarm;

sealed unsafe partial class SwarmOracle(SwarmWorld world)
{
    readonly List<SwarmThread> waiting = [];
    readonly List<(SwarmThread, SwarmEndpoint, ulong)> closed = [];
    /// <summary>Closed for later, and perhaps kept since.</summary>
    readonly List<ShadowCapability> late = [];

    /// <summary>The dead whose end was not seen yet.</summary>
    readonly List<SwarmProcess> ending = [];
    int endsInEntry;
    bool hadRevokedCalls;

    /// <summary>A process has died in the present entry.</summary>
    public bool HadDeath { get; private set; }

    static void Require(bool isTrue, string what)
    {
        if (!isTrue) throw new SwarmException(what);
    }

    static void Expect(SwarmThread thread, Status actual, Status expected)
    {
        if (actual == expected) return;
        throw new SwarmException($"{thread}: {thread.Number} answered {actual}, not {expected}");
    }

    /// <summary>Before each kernel entry: what the entry may change and the model lacks.</summary>
    public void Remember()
    {
        HadDeath = false;
        endsInEntry = 0;
        hadRevokedCalls = world.Kernel.HasRevokedCalls;
        foreach (SwarmEndpoint endpoint in world.Endpoints)
        {
            endpoint.ServerBefore = endpoint.Kernel.Server;
            endpoint.WasServerDead = endpoint.Kernel.IsServerDead;
            if (!ending.Exists(process => process.Left.Contains(endpoint)))
                endpoint.HasFailed = false;
        }
    }

    public void Judge(SwarmThread? acting)
    {
        NoteDeaths(acting);
        if (acting is { Process.IsAlive: true })
        {
            if (world.IsRepeating(acting)) NotePart(acting);
            else NoteResult(acting);
        }

        NoteLateCloses();
        waiting.Clear();
        foreach (SwarmThread thread in world.Threads)
            if (thread.IsWaiting && !IsStillWaiting(thread)) waiting.Add(thread);
        foreach (SwarmThread thread in waiting)
        {
            if (thread.Calling is { } call && ResultOf(thread).Status == Status.Poisoned)
                Charge(call);
        }

        // Calls first: what they held is closed before anybody hears of it.
        foreach (SwarmThread thread in waiting)
            if (thread.Calling is not null) NoteCallEnded(thread, ResultOf(thread));
            else thread.IsWaiting = false;
        foreach (SwarmThread thread in waiting)
            if (!thread.IsWaiting) NoteReceived(thread, ResultOf(thread));
            else thread.IsWaiting = false;
        CheckClosed();
        CheckNothingOverdue();
    }

    static CallResult ResultOf(SwarmThread thread) => new(thread.Kernel.Frame->Rax);

    static bool IsStillWaiting(SwarmThread thread) =>
        thread.Kernel.State is ThreadState.InCall or ThreadState.InReceive;

    void CheckClosed()
    {
        foreach ((SwarmThread thread, SwarmEndpoint endpoint, ulong badge) in closed)
        {
            Require(world.Tree.CountOf(endpoint, badge) == 0,
                $"{thread} hears that badge {badge} is closed");
        }

        closed.Clear();
    }

    /// <summary>
    /// A call that has a reason to end has ended in that very entry, or in a part of what has ended
    /// it.
    /// </summary>
    void CheckNothingOverdue()
    {
        bool mayEndYet = world.Kernel.HasParts;
        foreach (SwarmCall call in world.Calls.Values)
        {
            string? reason = call.IsReplied ? "was answered"
                : call.IsDropped ? "was dropped"
                : mayEndYet ? null
                : call.Via.IsDead ? "came through what was revoked"
                : call.Endpoint.IsVanished ? "goes to what has vanished"
                : call.Faults >= CosmosKernel.Ipc.Redelivery.FaultsUntilPoisoned
                    && call.Holder is null ? "is poisoned"
                : call.Endpoint.HasFailed && call.Holder is null
                    && call.Endpoint.Kernel.IsServerDead ? "has no server"
                : null;
            if (reason is not null)
                throw new SwarmException($"{call.Caller} waits though its call {reason}");
        }
    }

    /// <summary>
    /// After the last new call: what is still under way must have somebody to blame, and nobody is
    /// left who could run.
    /// </summary>
    public void CheckSettled()
    {
        foreach (SwarmCall call in world.Calls.Values)
        {
            bool isLate = call.DeadlineNs != 0 && call.DeadlineNs + 10_000_000 < world.Kernel.NowNs;
            Require(!isLate, $"{call.Caller} waits beyond its deadline");
            if (call.Holder is not { } holder) continue;
            bool isAnswering =
                holder.Threads.Exists(thread => !thread.IsEnded && !thread.IsWaiting);
            bool isReceiving = holder.Threads.Exists(thread => thread is
                { IsEnded: false, IsWaiting: true, Calling: null }
                && thread.Kernel.WaitDeadlineNs != 0);
            Require(!isReceiving || isAnswering || call.Holder.Replies.Count != 0,
                $"{call.Caller} was forgotten by {holder.Name}");
        }
    }

    /// <summary>
    /// Each process has in the kernel's table what the model gave it, alive where each ancestor
    /// is, and nothing else: no authority without a path to a root.
    /// </summary>
    public void CompareCapabilities()
    {
        foreach (SwarmProcess? process in world.Processes)
        {
            if (process is not { IsAlive: true }) continue;
            Require(process.Kernel.HandleCount == process.Handles.Count,
                $"{process.Name} has {process.Kernel.HandleCount} handles, not "
                + $"{process.Handles.Count}");
            foreach (ShadowCapability node in process.Handles) Compare(process, node);
        }
    }

    void Compare(SwarmProcess process, ShadowCapability node)
    {
        var table = world.Kernel.Capabilities;
        Status status = table.Find(process.Kernel, node.Handle, out int index);
        Status expected = node.IsDead ? Status.Revoked : Status.Ok;
        Require(status == expected,
            $"{process.Name}'s handle {node.Handle:x} is {status}, not {expected}");
        if (status != Status.Ok) return;
        Require(table[index].Type == node.Type && table[index].Rights == node.Rights
            && table.BadgeOf(index).Value == node.Badge,
            $"{process.Name}'s handle {node.Handle:x} is {table[index].Type} "
            + $"{table[index].Rights}, not {node.Type} {node.Rights}");
        bool hasParent = table[index].Parent != 0;
        Require(hasParent == (node.Parent is not null) || IsPathGone(node),
            $"{process.Name}'s handle {node.Handle:x} hangs {(hasParent ? "below" : "nowhere")}");
    }

    /// <summary>The kernel hands children up to the root's place when a parent goes.</summary>
    static bool IsPathGone(ShadowCapability node)
    {
        for (ShadowCapability? parent = node.Parent; parent is not null; parent = parent.Parent)
            if (parent is { IsGone: false }) return false;
        return true;
    }
}

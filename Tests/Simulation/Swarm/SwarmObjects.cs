// What the swarm believes of everything else: processes, endpoints, notifications, calls.

using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using Shared.Abi;
using System;
using System.Collections.Generic;

namespace Tests.Simulation.Swarm;

/// <summary>The kernel has done what no kernel may do.</summary>
public sealed class SwarmException(string message) : Exception(message);

sealed class SwarmProcess(Process kernel, string name)
{
    public readonly Process Kernel = kernel;
    public readonly ProcessId Id = kernel.Id;
    public readonly string Name = name;
    public readonly byte LayerValue = kernel.Layer.Value;
    public readonly int HandleQuota = kernel.HandleQuota;
    public bool IsAlive = true, IsStopped;
    /// <summary>Dead, and the kernel is not done with the calls that it had.</summary>
    public bool IsEnding => Kernel.Id == Id && Kernel.IsEnding;
    /// <summary>What it served when it died, unless it was replaced.</summary>
    public readonly List<SwarmEndpoint> Left = [];
    public int Poisonings;
    /// <summary>Task of which it is an incarnation; -1 for the keeper.</summary>
    public int Slot = -1;
    public SwarmNotification? DeathNotification;
    public ulong DeathBits;
    public readonly List<SwarmThread> Threads = [];
    /// <summary>Calls that it has received, by their Reply handles.</summary>
    public readonly Dictionary<ulong, SwarmCall> Held = [];
    public readonly List<ulong> Replies = [];
    /// <summary>Reply handles whose callers have gone, each with its number.</summary>
    public readonly Dictionary<ulong, int> Gone = [];
    int goneCount;
    public readonly List<ShadowCapability> Handles = [];
    readonly Dictionary<ulong, ShadowCapability> byHandle = [];

    public ShadowCapability? Find(ulong handle) => byHandle.GetValueOrDefault(handle);

    public void Add(ShadowCapability node)
    {
        if (!byHandle.TryAdd(node.Handle, node))
            throw new SwarmException($"{Name} was given handle {node.Handle:x} twice");
        node.Place = Handles.Count;
        Handles.Add(node);
    }

    public void Remove(ShadowCapability node)
    {
        byHandle.Remove(node.Handle);
        ShadowCapability last = Handles[^1];
        Handles[node.Place] = last;
        last.Place = node.Place;
        Handles.RemoveAt(Handles.Count - 1);
    }

    public void Hold(SwarmCall call)
    {
        Held.Add(call.Reply, call);
        Replies.Add(call.Reply);
    }

    public void Release(SwarmCall call)
    {
        Held.Remove(call.Reply);
        Replies.Remove(call.Reply);
    }

    public void AddGone(ulong reply) => Gone[reply] = goneCount++;

    public void CountGone() => goneCount++;

    /// <summary>So many have gone since that the kernel knows of it no more.</summary>
    public bool IsForgotten(int gone) => goneCount - gone > Kernel.GoneReplies.Length;
}

sealed class SwarmEndpoint(Endpoint kernel, OnDeath onDeath)
{
    public readonly Endpoint Kernel = kernel;
    public readonly OnDeath OnDeath = onDeath;
    public readonly byte LayerValue = kernel.Layer.Value;
    public readonly ulong DefaultDeadlineNs = kernel.DefaultDeadlineNs;
    public bool IsVanished;
    /// <summary>Before the present kernel entry.</summary>
    public Process? ServerBefore;
    public bool WasServerDead;
    /// <summary>Its server has just died, or is ending, and OnDeath is Fail.</summary>
    public bool HasFailed;
}

sealed class SwarmNotification(int index)
{
    public readonly int Index = index;
    public ulong Bits;
    public SwarmThread? Bound;
}

/// <summary>A call in flight. Its token is the first word of its payload.</summary>
sealed class SwarmCall
{
    public ulong Token;
    public required SwarmThread Caller;
    public required SwarmEndpoint Endpoint;
    public required ShadowCapability Via;
    public MessageFlags Flags;
    public ulong DeadlineNs;
    /// <summary>Zero before the first delivery.</summary>
    public ulong RequestId;
    public int Deliveries, Faults;
    public bool HasExtras;
    /// <summary>The call that it serves, and where it was then.</summary>
    public SwarmCall? Serves;
    public int Depth;
    public SwarmProcess? Holder;
    public SwarmThread? HolderThread;
    public ulong Reply;
    public bool IsParked;
    public readonly List<ShadowCapability?> Sent = [];
    /// <summary>What its server has done in the present kernel entry.</summary>
    public bool IsReplied, IsDropped, HasNoRoom;
    /// <summary>Argument 10 of the call: with InlineLease, its length and rights.</summary>
    public ulong LeaseWord;
    /// <summary>A server has written to a lease of it; it did so with the answer.</summary>
    public bool WasLeaseWritten, HasBytes;
    public readonly List<ShadowCapability?> ReplyCapabilities = [];
    /// <summary>
    /// Made with the answer; it has a handle and an owner when the caller goes on.
    /// </summary>
    public ShadowCapability? Minted;

    public bool IsShort => (Flags & MessageFlags.Short) != 0;

    /// <summary>Words that go with a token; each way has its own.</summary>
    public static ulong Word(ulong token, int number) =>
        (token + (ulong)number) * 0x9E37_79B9_7F4A_7C15 ^ token >> 7;

    public ulong ReplyWord(int number) => Word(Token ^ 0x5555_5555, number);
}

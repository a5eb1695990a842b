// Kernel objects of the loopback machine, as plain data.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

/// <summary>One capability. A revoked one stays as a tombstone until it is closed.</summary>
internal sealed class CapabilityRecord
{
    public required Handle Handle;
    public required LoopbackKernel Owner;
    public required ObjectType Type;
    public required object Target;
    public required Rights Rights;
    public Badge Badge;
    public CapabilityRecord? Parent;
    /// <summary>Outlives its owner, and goes to the next incarnation.</summary>
    public bool IsInVault;
    /// <summary>Goes at the next tick, unless it is kept.</summary>
    public bool IsClosedLate;
    public readonly List<CapabilityRecord> Children = [];

    public int Depth => Parent is null ? 0 : Parent.Depth + 1;
}

internal sealed class LoopbackEndpoint(int index, OnDeath onDeath, ulong defaultDeadlineNs)
{
    public readonly int Index = index;
    public readonly OnDeath OnDeath = onDeath;
    public readonly ulong DefaultDeadlineNs = defaultDeadlineNs;
    public readonly List<PendingCall> Calls = [];
    public readonly SortedDictionary<ulong, int> LiveBadges = [];
    public readonly SortedSet<ulong> OwedClosed = [];
    /// <summary>Who serves it by a loop of the machine, or null.</summary>
    public LoopbackServer? Server;
}

internal sealed class LoopbackNotification
{
    public ulong Bits;
    public LoopbackKernel? BoundBy;
}

/// <summary>A host thread, as far as it makes calls.</summary>
internal sealed class LoopbackThread
{
    public PendingCall? Call;
    public bool IsCancelled;
}

internal enum PendingState { Queued, Delivered, Parked, Ended }

/// <summary>A call from its start to its end.</summary>
internal sealed class PendingCall
{
    public required LoopbackKernel Caller;
    public required CapabilityRecord Through;
    public required LoopbackEndpoint Endpoint;
    public required RequestId Id;
    public required Registers Message;
    public required ulong DeadlineNs;
    public CapabilityRecord[] Handles = [];
    public Lease[] Leases = [];
    public PendingState State;
    public ushort Attempt;
    /// <summary>Nested calls made for it since it was delivered.</summary>
    public uint NestedCount;
    public CallResult Result;
    public Registers Answer;
    public Handle[] AnswerHandles = [];

    public MessageInfo Info => new(Message.A1);

    /// <summary>Ends it without a reply.</summary>
    public void End(Status status)
    {
        if (State == PendingState.Ended) return;
        Result = new CallResult(
            status, (byte)(Attempt == 0 ? Outcome.NotExecuted : Outcome.MaybeExecuted));
        State = PendingState.Ended;
        Endpoint.Calls.Remove(this);
    }
}

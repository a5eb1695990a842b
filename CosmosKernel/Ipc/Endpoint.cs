// A rendezvous for calls. It outlives the servers that receive on it.
//
// Queues what nobody has received: redelivered calls first, then by priority, then by arrival.
// Links lie in the requests and threads; nothing here allocates or walks a list.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public sealed class Endpoint(int index)
{
    /// <summary>Lane of the queue for calls that a dead server had; before all others.</summary>
    public const int Redelivered = (int)Priority.Driver + 1;

    public readonly int Index = index;
    public bool IsUsed;
    public ObjectMaker Maker;
    /// <summary>Capabilities for it; the last one frees the record.</summary>
    public int References;
    public OnDeath OnDeath;
    public Layer Layer;
    /// <summary>For calls without MayBlock that name no deadline; 0 none.</summary>
    public ulong DefaultDeadlineNs;
    /// <summary>Its server died under OnDeath.Vanish: every capability is Revoked.</summary>
    public bool IsVanished;

    /// <summary>
    /// Process that received on it last; null before the first, and when that one has died.
    /// </summary>
    public Process? Server;
    /// <summary>Endpoints of the same server (EndpointServers).</summary>
    public Endpoint? NextServed, PreviousServed;
    /// <summary>As Server, and it stays when that one has died.</summary>
    public ProcessId LastServer;
    public readonly byte[] LastServerName = new byte[ProcessSpec.MaxNameBytes];
    /// <summary>The server has died, and nobody has received since.</summary>
    public bool IsServerDead;

    /// <summary>
    /// Threads that wait in Receive, longest first (ReceivePath). The last one is null when there
    /// are fewer than two: most servers have one thread, and each link costs a barrier.
    /// </summary>
    public Thread? FirstReceiver => receiverCount == 0 ? null : lastFirst;
    public Thread? LastReceiver { get; private set; }

    public bool HasReceiver => receiverCount != 0;
    public bool HasOneReceiver => receiverCount == 1;
    /// <summary>The thread that waits, when HasOneReceiver (ShortPath).</summary>
    public Thread OnlyReceiver => lastFirst!;

    // The first of those that wait, or the last one that did.
    Thread? lastFirst;
    int receiverCount;

    readonly CallRequest?[] firsts = new CallRequest?[Redelivered + 1];
    readonly CallRequest?[] lasts = new CallRequest?[Redelivered + 1];
    uint laneMask;

    // Badges (BadgeTable): tree of entries, and those whose Closed is owed.
    public int BadgeRoot;
    public int FirstOwed, LastOwed;
    /// <summary>Next to deliver; the ones before it were, and are not acknowledged yet.</summary>
    public int NextOwed;
    /// <summary>Entries of the tree, and of the list that FirstOwed begins.</summary>
    public int BadgeCount, OwedCount;
    /// <summary>Who is charged for what is owed, if it is that process still.</summary>
    public Process? Minter;
    public ProcessId MinterId;
    /// <summary>In the list of LateClosed, whoever uses the record.</summary>
    public bool IsLate;
    public Endpoint? NextLate;

    public bool HasQueued => laneMask != 0;

    /// <summary>The request that is delivered next, or null. Stays in the queue.</summary>
    public CallRequest? FirstQueued =>
        laneMask == 0 ? null : firsts[System.Numerics.BitOperations.Log2(laneMask)];

    /// <summary>For audits and Inspect: the first request of one lane.</summary>
    public CallRequest? FirstInLane(int lane) => firsts[lane];

    public void Enqueue(CallRequest request, int lane)
    {
        request.Lane = lane;
        request.State = RequestState.Queued;
        request.NextQueued = null;
        CallRequest? last = lasts[lane];
        request.PreviousQueued = last;
        if (last is null) firsts[lane] = request;
        else last.NextQueued = request;
        lasts[lane] = request;
        laneMask |= 1u << lane;
    }

    /// <summary>Puts a request that was delivered before back, ahead of everything.</summary>
    public void EnqueueAgain(CallRequest request)
    {
        request.Lane = Redelivered;
        request.State = RequestState.Queued;
        request.PreviousQueued = null;
        CallRequest? first = firsts[Redelivered];
        request.NextQueued = first;
        if (first is null) lasts[Redelivered] = request;
        else first.PreviousQueued = request;
        firsts[Redelivered] = request;
        laneMask |= 1u << Redelivered;
    }

    public void Dequeue(CallRequest request)
    {
        int lane = request.Lane;
        CallRequest? previous = request.PreviousQueued, next = request.NextQueued;
        if (previous is null) firsts[lane] = next;
        else previous.NextQueued = next;
        if (next is null) lasts[lane] = previous;
        else next.PreviousQueued = previous;
        request.PreviousQueued = request.NextQueued = null;
        if (firsts[lane] is null) laneMask &= ~(1u << lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddReceiver(Thread thread)
    {
        if (receiverCount++ != 0) AddFurtherReceiver(thread);
        else if (lastFirst != thread) lastFirst = thread;
    }

    void AddFurtherReceiver(Thread thread)
    {
        Thread last = LastReceiver ?? lastFirst!;
        thread.PreviousWaiting = last;
        last.NextWaiting = thread;
        LastReceiver = thread;
    }

    /// <summary>AddReceiver where nobody waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PutOnlyReceiver(Thread thread)
    {
        receiverCount = 1;
        if (lastFirst != thread) lastFirst = thread;
    }

    /// <summary>Takes OnlyReceiver off the list.</summary>
    public void TakeOnlyReceiver() => receiverCount = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RemoveReceiver(Thread thread)
    {
        if (--receiverCount != 0) RemoveOneReceiver(thread);
    }

    void RemoveOneReceiver(Thread thread)
    {
        Thread? previous = thread.PreviousWaiting, next = thread.NextWaiting;
        if (previous is null) lastFirst = next;
        else previous.NextWaiting = next;
        if (next is null) LastReceiver = previous;
        else next.PreviousWaiting = previous;
        if (receiverCount == 1) LastReceiver = null;
        thread.PreviousWaiting = thread.NextWaiting = null;
    }

    /// <summary>Makes a free record a new endpoint.</summary>
    public void Reset(OnDeath onDeath, Layer layer, ulong defaultDeadlineNs)
    {
        IsUsed = true;
        References = 0;
        OnDeath = onDeath;
        Layer = layer;
        DefaultDeadlineNs = defaultDeadlineNs;
        IsVanished = IsServerDead = false;
        Server = null;
        LastServer = default;
        System.Array.Clear(LastServerName);
        BadgeRoot = FirstOwed = LastOwed = NextOwed = BadgeCount = OwedCount = 0;
        Minter = null;
    }
}

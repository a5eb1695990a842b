// A call in flight. Its words stay in the caller's frame, so redelivery reads them again.
//
// Lives in the calling thread, which has at most one. Written by CallPath, ReceivePath, ReplyPath.

using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public enum RequestState : byte { None = 0, Queued = 1, Delivered = 2, Parked = 3 }

public sealed unsafe class CallRequest
{
    public RequestState State;
    public RequestId Id;
    public MessageInfo Info;
    public ushort Attempt;
    public ushort Faults;
    public Endpoint? Endpoint;
    // These two are cleared by one store, which wants them at a multiple of eight.
    /// <summary>
    /// Nested calls made for it by the present incarnation; part of their identity.
    /// </summary>
    public uint NestedCount;
    /// <summary>How many calls it serves, each on behalf of the next (nested calls).</summary>
    public int Depth;
    /// <summary>Capability through which the call came; minted children hang below it.</summary>
    public int ViaCapability;
    public Badge Badge;
    /// <summary>Bit of Info, which ShortPath looks at anyway: TookClosed.</summary>
    public const ulong ClosedBit = 1ul << 31;
    /// <summary>Whose Closed it took along; the reply acknowledges it.</summary>
    public Badge Closed;
    public ulong SinceNs;
    public ulong DeliveredNs;
    public ulong DeadlineNs;
    /// <summary>Its server was told of a Closed with it.</summary>
    public bool TookClosed
    {
        get => (Info.Value & ClosedBit) != 0;
        set => Info = new MessageInfo(value ? Info.Value | ClosedBit : Info.Value & ~ClosedBit);
    }

    /// <summary>
    /// Receiver that has it, and the Reply handle it got; while Delivered or Parked.
    /// </summary>
    public Thread? Server
    {
        get => hasServer ? lastServer : null;
        set
        {
            hasServer = value is not null;
            if (hasServer && lastServer != value) lastServer = value;
        }
    }
    /// <summary>This thread has it, under this handle, and has not parked it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsInHandOf(Thread thread, ulong replyHandle) =>
        ReplyHandle == replyHandle && lastServer == thread && State == RequestState.Delivered;

    /// <summary>As Server = thread, inline.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void GiveTo(Thread thread)
    {
        hasServer = true;
        if (lastServer != thread) lastServer = thread;
    }

    // Kept after the call, since the next one is most often for the same thread: to write a
    // reference costs a barrier of the collector, and threads are never freed.
    Thread? lastServer;
    bool hasServer;
    /// <summary>Ascends in order of receipt, over all endpoints.</summary>
    public ulong ReplyHandle;
    /// <summary>The call that this one serves, while Depth is not 0.</summary>
    public RequestId ServesId;
    public ulong ExtrasAddress;
    public readonly Lease[] Leases = new Lease[Message.MaxLeases];
    public readonly int[] SentCapabilities = new int[Message.MaxCapabilities];
    /// <summary>Endpoint's queue; Lane says which of its lists.</summary>
    public CallRequest? NextQueued, PreviousQueued;
    public int Lane;
    public Thread Caller = null!;

    public void Reset(Thread caller)
    {
        State = RequestState.None;
        Endpoint = null;
        Server = null;
        ReplyHandle = 0;
        ViaCapability = 0;
        Caller = caller;
    }
}

// The way of most messages: a call to a server that waits, and its answer by ReplyReceive.
//
// No capabilities, and at most a lease in the words (InlineLease); one word each way (Short), or
// all six. Each method first looks whether nothing unusual is to be done, then does all of it, or
// answers false and has changed nothing: CallPath and ReplyPath then do it, and the outcome is the
// same (a test compares the two). What is written here each time is an index, a number or a flag.

using CosmosKernel.Arch;
using CosmosKernel.Capabilities;
using CosmosKernel.Ipc.Badges;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static unsafe class ShortPath
{
    /// <summary>
    /// Bits of the info word that change nothing here; capabilities and leases do.
    /// </summary>
    const ulong FreeBits = CallPath.PlainInfo;
    /// <summary>
    /// Counts of capabilities and leases, of which the kernel keeps no call with worse; and of a
    /// call that took a Closed along.
    /// </summary>
    const ulong SentBits = 0xFF_0000 | ClosedBit;
    const ulong ClosedBit = CallRequest.ClosedBit;
    const ulong InlineBit = (ulong)MessageFlags.InlineLease << 24;
    /// <summary>One lease, in the words: with a call, or filled by a reply.</summary>
    const ulong LeaseBits = InlineBit | 1ul << 20;
    const ulong ShortBit = (ulong)MessageFlags.Short << 24;
    const ulong MintBit = (ulong)MessageFlags.Mint << 24;
    const ulong MayBlockBit = (ulong)MessageFlags.MayBlock << 24;

    /// <summary>SystemCall.Call that sends words alone, and not on behalf of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryCall(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong info = frame->A1;
        if ((info & ~FreeBits) != 0 && !TryTakeLease(kernel, thread) || frame->A4 != 0)
            return false;
        Process process = thread.Process;
        CapabilityTable capabilities = kernel.Capabilities;
        ulong handle = frame->A0;
        CapabilityRecord[] records = capabilities.Records;
        int slot = (int)(uint)handle;
        if ((uint)slot >= (uint)records.Length) return false;
        ref CapabilityRecord via = ref records[slot];
        if (!capabilities.IsOpen(ref via, process, handle, Rights.Call)) return false;

        // An endpoint on which a thread waits has a server that lives, and has not vanished.
        Endpoint endpoint = kernel.Endpoints[via.ObjectIndex];
        if (!endpoint.HasOneReceiver || endpoint.NextOwed != 0) return false;
        Thread receiver = endpoint.OnlyReceiver;
        if (receiver.IsStopped || receiver.WaitDeadlineNs != 0) return false;
        if (process.Layer.Value <= endpoint.Layer.Value || thread.IsCancelPending) return false;
        if (!kernel.Scheduler.IsCurrent(thread)) return false;
        CallRequest request = thread.Request;
        request.DeadlineNs = 0;
        if ((frame->A2 | endpoint.DefaultDeadlineNs) != 0
            && !TrySetDeadline(kernel, thread, endpoint)) return false;

        // What may need the collector's barrier comes first: it costs the registers of the rest.
        if (request.Endpoint != endpoint) request.Endpoint = endpoint;
        request.GiveTo(receiver);
        receiver.Handle(request);
        endpoint.TakeOnlyReceiver();
        via.PinCount++;
        request.NestedCount = 0;
        request.Depth = 0;
        if ((via.Rights & Rights.Write) == 0) info |= MessageInfo.ReadOnlyBit;
        request.Info = new MessageInfo(info);
        request.Attempt = 1;
        request.Faults = 0;
        request.State = RequestState.Delivered;
        request.ViaCapability = slot;
        request.ExtrasAddress = frame->A3;
        ulong nowNs = kernel.NowNs;
        request.SinceNs = nowNs;
        request.DeliveredNs = nowNs;
        ulong id = ++kernel.LastRequestId;
        request.Id = new RequestId(id);
        ulong reply = Replies.Make(kernel, thread);
        request.ReplyHandle = reply;
        ulong badge = via.BadgeEntry == 0 ? 0 : kernel.Badges.BadgeOf(via.BadgeEntry).Value;
        request.Badge = new Badge(badge);

        UserFrame* target = receiver.Frame;
        target->Rax = 0;
        target->A0 = reply;
        target->A1 = info | 1ul << 32;
        target->A2 = badge;
        target->A4 = id;
        Transfer.Deliver(info, frame, target);
        if (thread.EffectivePriority > receiver.EffectivePriority)
            kernel.Scheduler.SetPriority(receiver, thread.EffectivePriority);
        kernel.Scheduler.Switch(thread, ThreadState.InCall, receiver);
        return true;
    }

    /// <summary>The last that may be in the way. False: the deadline has passed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool TrySetDeadline(Kernel kernel, Thread thread, Endpoint endpoint)
    {
        ulong deadlineNs = thread.Frame->A2;
        if (deadlineNs == 0 && (thread.Frame->A1 & MayBlockBit) == 0)
            deadlineNs = kernel.NowNs + endpoint.DefaultDeadlineNs;
        if (deadlineNs == 0) return true;
        if (deadlineNs <= kernel.NowNs) return false;
        thread.Request.DeadlineNs = deadlineNs;
        kernel.SetDeadline(thread, deadlineNs);
        return true;
    }

    /// <summary>
    /// Into the request, where nobody looks until a call with one is on its way. False: the call
    /// has something else that is not in its words, or is malformed.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool TryTakeLease(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        return (frame->A1 & (~FreeBits | ShortBit)) == LeaseBits
            && LeasePath.TryTake(kernel, frame->A9, frame->A10, ref thread.Request.Leases[0]);
    }

    /// <summary>
    /// Apart from the way of the others, which must not pay for it: copies bytes, and looks whether
    /// a capability can be made, last, when nothing else is in the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool TryGive(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong bits = frame->A1 & ~(ulong)ushort.MaxValue;
        if (bits is not (LeaseBits or MintBit)) return false;
        Replies.Find(kernel, thread.Process, frame->A0, out CallRequest? request);
        if (request is null) return false;
        return bits == MintBit ? CanMint(kernel, thread, request)
            : LeasePath.TryGiveReply(kernel, thread, request);
    }

    /// <summary>
    /// Nothing is in the way of what SetInline then mints. What is reclaimed for want of records
    /// may owe us a Closed, for which nobody would look.
    /// </summary>
    static bool CanMint(Kernel kernel, Thread thread, CallRequest request)
    {
        CapabilityTable capabilities = kernel.Capabilities;
        int parent = request.ViaCapability;
        return capabilities[parent].State == CapabilityState.Live
            && !kernel.Reclaimer.HasWork && capabilities.FreeCount != 0
            && capabilities.DepthOf(parent) < Limits.MintDepth
            && Transfer.CheckMint(kernel, thread, request, out kernel.MintSource) == Status.Ok
            && OwedBadges.MayMint(
                kernel, kernel.Endpoints[capabilities[kernel.MintSource].ObjectIndex],
                thread.Process);
    }

    /// <summary>The two words that a reply with bytes or a capability has for itself.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void SetInline(Kernel kernel, Thread thread, CallRequest request)
    {
        ulong minted = 0;
        if ((thread.Frame->A1 & MintBit) != 0)
            Transfer.MintFrom(kernel, thread, request, kernel.MintSource, out minted);
        Transfer.SetInline(request, request.Caller.Frame, minted);
        if (request.TookClosed) ReceivePath.AcknowledgeClosed(kernel, request);
    }

    /// <summary>
    /// A call that took a Closed along ends here if its answer goes through SetInline, which
    /// acknowledges that: others shall not pay for the look.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool CanEnd(ulong called, ulong info) =>
        info > ushort.MaxValue && (called & (ClosedBit | ShortBit)) == ClosedBit
        && ((called & InlineBit) != 0 || (called & SentBits & ~ClosedBit) == 0);

    /// <summary>
    /// SystemCall.ReplyReceive: answers such a call while nothing waits. Bytes that come with the
    /// answer are copied first; the long way copies them again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReplyReceive(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        ulong info = frame->A1;
        if (info > ushort.MaxValue && !TryGive(kernel, thread)) return false;
        ulong reply = frame->A0;
        int index = (int)(reply & Replies.ThreadMask);
        Thread[] threads = kernel.Threads.Records;
        if ((uint)index >= (uint)threads.Length) return false;
        Thread caller = threads[index];
        CallRequest request = caller.Request;
        if (!request.IsInHandOf(thread, reply) || caller.IsStopped) return false;
        ulong called = request.Info.Value;
        if ((called & SentBits) != 0 && (called & (InlineBit | ClosedBit)) != InlineBit
            && !CanEnd(called, info)) return false;

        // Who serves an endpoint has passed all checks of layers, and it has not vanished.
        Process process = thread.Process;
        Endpoint? endpoint = thread.ReceivingOn;
        CapabilityTable capabilities = kernel.Capabilities;
        ulong handle = frame->A2;
        CapabilityRecord[] records = capabilities.Records;
        int slot = (int)(uint)handle;
        if ((uint)slot >= (uint)records.Length || endpoint is null) return false;
        ref CapabilityRecord record = ref records[slot];
        if (!capabilities.IsOpen(ref record, process, handle, Rights.Receive)) return false;
        if (endpoint.Index != record.ObjectIndex || endpoint.Server != process) return false;
        if (endpoint.NextOwed != 0 || endpoint.HasQueued || endpoint.HasReceiver) return false;
        if (thread.BoundNotification is { } bound && bound.Bits != 0) return false;
        // The address was checked when it was given first.
        if (frame->A3 != thread.ReceiveExtrasAddress || thread.IsCancelPending) return false;
        if (frame->A4 != 0 || !kernel.Scheduler.IsCurrent(thread)) return false;
        // Its time is noted on the long way.
        if (process.FirstReplyNs == 0) return false;
        if (!capabilities.TryUnpin(request.ViaCapability)) return false;

        process.EndpointReceives++;
        UserFrame* target = caller.Frame;
        target->Rax = 0;
        target->A1 = info;
        if ((called & ShortBit) != 0)
        {
            target->A5 = frame->A5;
        }
        else
        {
            Transfer.CopyWords(frame, target);
            if (info > ushort.MaxValue) SetInline(kernel, thread, request);
        }
        DeadlineQueue.End(caller);
        request.State = RequestState.None;
        request.Server = null;
        request.ReplyHandle = 0;
        thread.Handling = null;
        if (thread.EffectivePriority != thread.BasePriority)
            kernel.Scheduler.SetPriority(thread, thread.BasePriority);
        endpoint.PutOnlyReceiver(thread);
        kernel.Scheduler.Switch(thread, ThreadState.InReceive, caller);
        return true;
    }
}

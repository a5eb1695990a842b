// A call from the server's side: Receive, and what wakes it.
//
// Order at Receive: Closed badges, then notification bits, then calls. Whoever adds one of these
// polls a waiting receiver, but that of a Closed may be told with the next call (LateClosed). A
// stopped thread is handed nothing; Continue polls for it.

using CosmosKernel.Arch;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static unsafe class ReceivePath
{
    /// <summary>SystemCall.Receive.</summary>
    public static void Receive(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        if (frame->A1 != 0) Acknowledge(kernel, thread, frame->A0, new Badge(frame->A1));
        Status status = Start(kernel, thread, frame->A0, frame->A2, frame->A3);
        if (status != Status.Ok) SystemCallTable.Answer(thread, status);
    }

    /// <summary>
    /// The Closed of the badge is dealt with, if it is owed still. The handle's faults are told by
    /// the receive itself.
    /// </summary>
    static void Acknowledge(Kernel kernel, Thread thread, ulong handle, Badge closed)
    {
        Status status = kernel.Capabilities.FindEndpoint(
            thread.Process, handle, Rights.Receive, out int index);
        if (status != Status.Ok) return;
        kernel.Badges.Acknowledge(
            kernel.Endpoints[kernel.Capabilities[index].ObjectIndex], closed);
    }

    /// <summary>
    /// Completes at once or blocks. Ok: one of both has happened, or the process has died. Anything
    /// else is for the caller to answer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Status Start(
        Kernel kernel, Thread thread, ulong handle, ulong deadlineNs, ulong extrasAddress)
    {
        Process process = thread.Process;
        Endpoint? endpoint = null;
        if (handle != 0)
        {
            Status status = kernel.Capabilities.FindEndpoint(
                process, handle, Rights.Receive, out int index);
            if (status != Status.Ok) return status;
            endpoint = kernel.Endpoints[kernel.Capabilities[index].ObjectIndex];
            if (endpoint.IsVanished) return Status.Revoked;
            if (process.Layer.Value > endpoint.Layer.Value) return Status.LayerViolation;
            if (endpoint.Server != process) EndpointServers.Become(kernel, endpoint, process);
            process.EndpointReceives++;
        }

        if (extrasAddress != 0 && !Transfer.IsExtrasAddress(kernel, extrasAddress))
        {
            SystemCallTable.Malformed(kernel, thread);
            return Status.Ok;
        }

        if (thread.Handling is not null) EndHandling(kernel, thread);
        if (thread.ReceivingOn != endpoint) thread.ReceivingOn = endpoint;
        thread.ReceiveExtrasAddress = extrasAddress;
        if (thread.IsCancelPending)
        {
            thread.IsCancelPending = false;
            return Status.Cancelled;
        }

        if (HasSomething(thread) && Complete(kernel, thread)) return Status.Ok;
        if (deadlineNs != 0 && deadlineNs <= kernel.NowNs) return Status.TimedOut;
        kernel.Scheduler.Block(thread, ThreadState.InReceive);
        endpoint?.AddReceiver(thread);
        if (deadlineNs != 0) kernel.SetDeadline(thread, deadlineNs);
        return Status.Ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool HasSomething(Thread thread) =>
        thread.ReceivingOn is { } endpoint && (endpoint.NextOwed != 0 || endpoint.HasQueued)
        || thread.BoundNotification is { } notification && notification.Bits != 0;

    /// <summary>Gives the thread whatever is there for it. False: nothing is.</summary>
    static bool Complete(Kernel kernel, Thread thread)
    {
        Endpoint? endpoint = thread.ReceivingOn;
        if (endpoint is not null && endpoint.NextOwed != 0)
        {
            int entry = kernel.Badges.TakeOwed(endpoint);
            thread.Frame->A2 = kernel.Badges.BadgeOf(entry).Value;
            SystemCallTable.Answer(thread, Status.Ok, (byte)ReceiveKind.Closed);
            return true;
        }

        if (thread.BoundNotification is { } notification && notification.Bits != 0)
        {
            thread.Frame->A5 = notification.Bits;
            notification.Bits = 0;
            SystemCallTable.Answer(thread, Status.Ok, (byte)ReceiveKind.Notification);
            return true;
        }

        while (endpoint?.FirstQueued is { } request)
        {
            endpoint.Dequeue(request);
            if (Deliver(kernel, request, thread)) return true;
            if (thread.State == ThreadState.Dead) return true;
        }

        return false;
    }

    /// <summary>
    /// A thread that waits in Receive: gives it what has come meanwhile. False: it waits on.
    /// </summary>
    public static bool Poll(Kernel kernel, Thread thread)
    {
        if (!Complete(kernel, thread)) return false;
        if (thread.State != ThreadState.InReceive) return true;
        Leave(kernel, thread);
        kernel.Scheduler.MakeReady(thread);
        return true;
    }

    /// <summary>
    /// A call has been queued: whoever waits gets something until it is taken. The first one may
    /// get a Closed or an older call instead, and another one waits beside it.
    /// </summary>
    public static void Offer(Kernel kernel, CallRequest request)
    {
        while (request.State == RequestState.Queued && PollReceiver(kernel, request.Endpoint!))
        {
        }
    }

    /// <summary>
    /// The endpoint has something: for the thread that waits longest and may run. False: nobody
    /// has taken it.
    /// </summary>
    public static bool PollReceiver(Kernel kernel, Endpoint endpoint)
    {
        Thread? thread = endpoint.FirstReceiver;
        while (thread is not null && thread.IsStopped) thread = thread.NextWaiting;
        if (thread is null) return false;
        if (endpoint.Server != thread.Process)
            EndpointServers.Become(kernel, endpoint, thread.Process);
        return Poll(kernel, thread);
    }

    public static void TimedOut(Kernel kernel, Thread thread) =>
        EndWith(kernel, thread, Status.TimedOut);

    /// <summary>Ends the wait of a thread in Receive.</summary>
    public static void EndWith(Kernel kernel, Thread thread, Status status)
    {
        Leave(kernel, thread);
        SystemCallTable.Answer(thread, status);
        kernel.Scheduler.MakeReady(thread);
    }

    /// <summary>
    /// Off the lists on which a waiting receiver is; its state is the caller's business.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave(Kernel kernel, Thread thread)
    {
        thread.ReceivingOn?.RemoveReceiver(thread);
        DeadlineQueue.End(thread);
    }

    /// <summary>
    /// The direct way from Call: the receiver is off its lists, and is for the caller to make
    /// ready. False: the call has ended, or waits to be queued because the receiver has died of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool DeliverToWaiting(Kernel kernel, CallRequest request, Thread receiver)
    {
        if (!Deliver(kernel, request, receiver)) return false;
        Leave(kernel, receiver);
        return true;
    }

    /// <summary>
    /// Hands the request to the thread. False: the receiver had no room for its handles and the
    /// call has ended, or the receiver's memory was bad and its process has died.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool Deliver(Kernel kernel, CallRequest request, Thread receiver)
    {
        MessageInfo info = request.Info;
        if ((info.Value & 0xFF_0000) != 0
            && !Transfer.GiveToReceiver(kernel, request, receiver))
        {
            return false;
        }

        if (request.Attempt != ushort.MaxValue) request.Attempt++;
        request.State = RequestState.Delivered;
        request.Server = receiver;
        request.NestedCount = 0;
        request.DeliveredNs = kernel.NowNs;
        request.ReplyHandle = Replies.Make(kernel, request.Caller);
        receiver.Handling = request;
        if (kernel.IsTracing) kernel.Trace.Delivered(request, receiver);
        UserFrame* from = request.Caller.Frame, to = receiver.Frame;
        to->A0 = request.ReplyHandle;
        to->A1 = info.WithAttempt(request.Attempt).Value;
        to->A2 = request.Badge.Value;
        to->A4 = request.Id.Value;
        Transfer.Deliver(info.Value, from, to);
        to->Rax = 0;
        if (request.Endpoint!.NextOwed != 0 && CanTakeClosed(kernel, request))
            GiveClosed(kernel, request, to);
        Priority lent = request.Caller.EffectivePriority;
        if (lent > receiver.EffectivePriority) kernel.Scheduler.SetPriority(receiver, lent);
        return true;
    }

    /// <summary>
    /// The Closed that is owed may go with the call: no other comes before the call as well, and
    /// the server cannot put the call aside for any time.
    /// </summary>
    public static bool CanTakeClosed(Kernel kernel, CallRequest request) =>
        (request.Info.Flags & MessageFlags.MayBlock) == 0
        && kernel.Badges.HasOneToTell(request.Endpoint!);

    static void GiveClosed(Kernel kernel, CallRequest request, UserFrame* to)
    {
        int entry = kernel.Badges.TakeOwed(request.Endpoint!);
        request.Closed = kernel.Badges.BadgeOf(entry);
        request.TookClosed = true;
        to->A3 = request.Closed.Value;
        to->Rax = new CallResult(Status.Ok, (byte)ReceiveKind.ClosedAndCall).Value;
    }

    /// <summary>The server has answered the call that took a Closed along.</summary>
    public static void AcknowledgeClosed(Kernel kernel, CallRequest request)
    {
        kernel.Badges.Acknowledge(request.Endpoint!, request.Closed);
        request.TookClosed = false;
    }

    /// <summary>The call has ended without an answer: who knows what its server has done.</summary>
    public static void TellClosedAgain(Kernel kernel, CallRequest request)
    {
        request.TookClosed = false;
        kernel.Badges.OweAgain(request.Endpoint!);
        kernel.TellLater(request.Endpoint!);
    }

    /// <summary>The thread is done with its request: it gives the lent priority back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EndHandling(Kernel kernel, Thread thread)
    {
        thread.Handling = null;
        if (thread.EffectivePriority != thread.BasePriority)
            kernel.Scheduler.SetPriority(thread, thread.BasePriority);
    }
}
